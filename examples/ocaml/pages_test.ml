let check page expected =
  let found = Pages.identifier page in
  if found <> expected then failwith (Printf.sprintf "%s is %s, not %s" page found expected)

let () =
  check "example.org/" "527dda32-a0de-5105-a042-cb475b5f7d11";
  check "example.org/about" "38788c25-5da6-5b91-99ad-4dff9993a039"
