load_packages
[passed, total] = test ("bed_area");
printf ("%d of %d tests passed\n", passed, total);
exit (double (passed < total));
