import CLAPACK

/// What went wrong in a matrix computation.
public enum LinearAlgebraError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A LAPACK routine reported `info` other than 0: negative for a bad argument, positive for
  /// data that it cannot work on (a zero on the diagonal of a triangular factor).
  case routine(String, info: Int)
  /// The sizes of the operands do not fit together.
  case shape(String)
  /// A matrix or vector holds an infinity or a NaN.
  case notFinite(String)
  /// The libraries that LAPACK is in cannot be loaded.
  case noLibrary
  /// A size is beyond the 32-bit integers of the BLAS interface.
  case tooLarge(Int)
  /// A Cholesky factorisation met a leading minor, of this order, that is not positive.
  case notPositive(minor: Int)

  public var description: String {
    switch self {
    case .routine(let name, let info): "LAPACK routine \(name) failed with info \(info)"
    case .shape(let text): text
    case .notFinite(let what): "\(what) holds a value that is not finite"
    case .noLibrary:
      "OpenBLAS and LAPACKE cannot be loaded: install them with 'make deps' or "
        + "'apt-get install libopenblas0 liblapacke'"
    case .tooLarge(let size): "a matrix dimension of \(size) is beyond the 32-bit limit of BLAS"
    case .notPositive(let minor):
      "a matrix is not positive definite: its leading minor of order \(minor) is not positive"
    }
  }
}

/// The one place where LAPACK's verdict is read; the name is the routine that was called.
func check(_ routine: String, _ info: Int32) throws(LinearAlgebraError) {
  if info == CUTOVER_NO_LAPACK { throw .noLibrary }
  guard info == 0 else { throw .routine(routine, info: Int(info)) }
}

/// The 32-bit size that LAPACK takes.
func lapackSize(_ size: Int) throws(LinearAlgebraError) -> Int32 {
  guard let answer = Int32(exactly: size) else { throw .tooLarge(size) }
  return answer
}
