val identifier : string -> string
(** The UUID, version 5, of a page's URL, which is given without its scheme: the same page has the same one
    everywhere and always. *)
