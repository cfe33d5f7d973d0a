let () =
  List.iter
    (fun page -> print_endline (Pages.identifier page ^ " " ^ page))
    [ "example.org/"; "example.org/about" ]
