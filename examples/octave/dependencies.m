% Installs what the app needs, MatGeom, into the folder packages.
folder = fullfile (pwd (), "packages");
pkg ("prefix", folder, folder);
pkg ("local_list", fullfile (folder, "list"));
pkg install -forge matgeom
