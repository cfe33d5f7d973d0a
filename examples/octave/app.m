load_packages
outline = [0 0; 6 0; 6 3; 3 5; 0 3];
pond = [2 1; 4 1; 4 2; 2 2];
printf ("The bed has %.1f square metres.\n", bed_area (outline, pond));
