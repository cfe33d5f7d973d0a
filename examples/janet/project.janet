(declare-project
  :name "guestbook"
  :description "Writes a page of those who came to the garden"
  :dependencies [{:name "spork"
                  :repo "https://github.com/janet-lang/spork"
                  :tag "0b6f744adb7d826baca8073d964eba7fdeb2d447"}])
