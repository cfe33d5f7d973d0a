# Fetches what project.janet names, each at its commit, into the folder vendor: Alpine has no package of jpm,
# which does that otherwise.

(defn git
  "Runs git in a directory; fails when git does."
  [directory & arguments]
  (os/execute ["git" "-C" directory ;arguments] :px))

(defn fetch
  "Fetches one commit of a repository."
  [{:repo repository :tag commit :name name}]
  (def directory (string "vendor/" name))
  (os/mkdir directory)
  (git directory "init" "--quiet")
  (git directory "fetch" "--quiet" "--depth" "1" repository commit)
  (git directory "checkout" "--quiet" "FETCH_HEAD"))

(defn declare-project
  "What project.janet calls: fetches its dependencies."
  [&keys {:dependencies dependencies}]
  (each dependency dependencies (fetch dependency)))

(os/mkdir "vendor")
(dofile "project.janet" :env (curenv))
