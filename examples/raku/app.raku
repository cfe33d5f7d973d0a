use Garden::Guests;

say guests q:to/LOG/;
    6 Robin
    7 Blue tit
    9 Robin
    LOG
