(defproject song "1.0.0"
  :description "Writes a page about what sings in the garden"
  :dependencies [[org.clojure/clojure "1.12.0"]
                 [hiccup "2.0.0"]]
  ;; With the project, because a container is fresh each time it is started.
  :local-repo ".m2"
  :main ^:skip-aot garden.song
  :target-path "target/%s"
  :uberjar-name "song.jar"
  :profiles {:uberjar {:target-path "target"
                       :aot :all
                       :jvm-opts ["-Dclojure.compiler.direct-linking=true"]}})
