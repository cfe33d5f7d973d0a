% area = bed_area (outline, pond)
%
% The area of a garden bed, in the square of the outline's unit: that of its outline less that of the pond in
% it. Both are polygons, a corner in each row; without a pond leave it out.
function area = bed_area (outline, pond = [])
  area = abs (polygonArea (outline));
  if (! isempty (pond))
    area -= abs (polygonArea (pond));
  endif
endfunction

%!assert (bed_area ([0 0; 3 0; 0 4]), 6, 1e-9)
%!assert (bed_area ([0 0; 0 2; 2 2; 2 0]), 4, 1e-9)
%!assert (bed_area ([0 0; 4 0; 4 4; 0 4], [1 1; 2 1; 2 2; 1 2]), 15, 1e-9)
