public import ModelCore

/// Why a dirty process cannot be fitted.
public enum DirtyFitError: Failure, Equatable {
  case noPages
  case noSamples(String)
  case badSample(index: Int, String)
  case searchFailed

  public var category: FailureCategory { .badData }

  public var description: String {
    switch self {
    case .noPages: "no per-page counts: a recording needs pages and at least one slot"
    case .noSamples(let reason): "no samples of a dirty curve: \(reason)"
    case .badSample(let index, let reason): "sample \(index + 1) of a dirty curve: \(reason)"
    case .searchFailed: "no parameter gives the samples a likelihood"
    }
  }
}
