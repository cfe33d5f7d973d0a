program line_fit_test
  use, intrinsic :: iso_fortran_env, only: real64
  use line_fit, only: fit
  implicit none

  call check('a line through all points', &
             fit([0._real64, 1._real64, 2._real64], [1._real64, 3._real64, 5._real64]), [1._real64, 2._real64])
  call check('a line between the points', &
             fit([0._real64, 0._real64, 1._real64], [1._real64, 3._real64, 2._real64]), [2._real64, 0._real64])
  print '(a)', 'ok'

contains

  subroutine check(what, line, expected)
    character(*), intent(in) :: what
    real(real64), intent(in) :: line(2), expected(2)

    if (all(abs(line - expected) < 1e-9_real64)) return
    print '(2a, 2f8.3)', what, ':', line
    error stop 'a test failed'
  end subroutine check

end program line_fit_test
