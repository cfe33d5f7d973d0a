!> Fits a straight line to points.
module line_fit
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  private
  public :: fit

  interface
    !> LAPACK's least squares: https://netlib.org/lapack/explore-html/ under dgels
    subroutine dgels(trans, m, n, nrhs, a, lda, b, ldb, work, lwork, info)
      import :: real64
      character, intent(in) :: trans
      integer, intent(in) :: m, n, nrhs, lda, ldb, lwork
      real(real64), intent(inout) :: a(lda, *), b(ldb, *)
      real(real64), intent(out) :: work(*)
      integer, intent(out) :: info
    end subroutine dgels
  end interface

contains

  !> The line that is nearest to the points: its height at x = 0 and its slope.
  !> Stops the program when the points do not say: there must be two different x.
  function fit(x, y) result(line)
    real(real64), intent(in) :: x(:), y(:)
    real(real64) :: line(2)
    real(real64) :: a(size(x), 2), b(size(x), 1), work(64)
    integer :: info

    a(:, 1) = 1
    a(:, 2) = x
    b(:, 1) = y
    call dgels('N', size(x), 2, 1, a, size(x), b, size(x), work, size(work), info)
    if (info /= 0) error stop 'these points are on no line, or on many'
    line = b(:2, 1)
  end function fit

end module line_fit
