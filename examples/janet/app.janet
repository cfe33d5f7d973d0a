(import ./guestbook)

(print (guestbook/page ["Wren" "Robin" "Tit & co."]))
