let identifier page = Uuidm.to_string (Uuidm.v5 Uuidm.ns_url ("https://" ^ page))
