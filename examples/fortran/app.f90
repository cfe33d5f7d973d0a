program app
  use, intrinsic :: iso_fortran_env, only: real64
  use line_fit, only: fit
  implicit none

  !> Eggs in the nest boxes of a wood, year by year.
  real(real64), parameter :: years(5) = [0, 1, 2, 3, 4]
  real(real64), parameter :: eggs(5) = [41, 44, 46, 50, 52]
  real(real64) :: line(2)

  line = fit(years, eggs)
  print '(a, f4.1, a, f3.1, a)', 'From ', line(1), ' eggs on, ', line(2), ' more every year.'
end program app
