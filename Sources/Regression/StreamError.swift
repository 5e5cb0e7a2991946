public import ModelCore

/// Why data in batches, or a saved state of them, cannot be worked with.
public enum StreamError: Failure, Equatable {
  /// `poly( )` needs all values before the first row of the design.
  case polynomialNeedsFirstPass(term: String)
  /// A column was numbers in one batch and text in another.
  case kindChanged(column: String, expected: String)
  /// The fit has no rows to add columns to.
  case rowsNotKept
  /// Two states that are not of the same model.
  case incompatible(what: String, one: String, other: String)
  /// The second pass met other rows than the first.
  case changed
  /// Bytes that are not a saved state.
  case foreign
  /// A saved state of another version of the format.
  case version(found: Int, expected: Int)
  /// A saved state that ends early.
  case truncated(bytes: Int, expected: Int)
  /// A saved state whose bytes are not those that were written.
  case checksum
  /// A saved state whose parts contradict each other.
  case inconsistent(String)

  public var category: FailureCategory {
    switch self {
    case .polynomialNeedsFirstPass, .incompatible: .usage
    case .rowsNotKept: .cannotAnswer
    case .kindChanged, .changed, .foreign, .version, .truncated, .checksum, .inconsistent: .badData
    }
  }

  public var description: String {
    switch self {
    case .polynomialNeedsFirstPass(let term):
      "\(term) needs a first pass over the data to find its polynomials, and this input can be "
        + "read only once; give a file, or write powers such as I(x^2)"
    case .kindChanged(let column, let expected):
      "column \(column) changes its kind within the data: \(expected) before, not so now"
    case .rowsNotKept:
      "the rows were not kept while they were read, so there is nothing to augment; fit without "
        + "streaming to get fitted values and residuals per row"
    case .incompatible(let what, let one, let other):
      "the states do not belong together: \(what) is \(one) in one and \(other) in the other"
    case .changed: "the data of the second pass are not those of the first"
    case .foreign: "not a saved state of a fit: its first bytes are not those of one"
    case .version(let found, let expected):
      "the saved state has version \(found), and this program reads \(expected)"
    case .truncated(let bytes, let expected):
      "the saved state is cut short: \(bytes) bytes of \(expected)"
    case .checksum: "the saved state was altered: its checksum does not match"
    case .inconsistent(let what): "the saved state contradicts itself: \(what)"
    }
  }
}
