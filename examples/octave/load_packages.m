% Loads what dependencies.m has installed.
pkg ("local_list", fullfile (pwd (), "packages", "list"));
pkg load matgeom
