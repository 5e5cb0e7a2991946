public import ModelCore

/// Why a result could not be written.
public enum OutputError: Failure, Equatable {
  case cannotCreate(path: String, reason: String)
  case isDirectory(path: String)
  case cannotWrite(path: String, reason: String)
  /// The reader of a pipe has gone (`| head`): not a fault, and nothing to say. The command
  /// ends without a message and with exit code 0.
  case closedByReader
  case unknownExtension(path: String)

  public var category: FailureCategory {
    switch self {
    case .cannotCreate, .isDirectory: .cannotCreate
    case .cannotWrite, .closedByReader: .inputOutput
    case .unknownExtension: .usage
    }
  }

  /// Whether the program ends without a word.
  public var isQuiet: Bool { self == .closedByReader }

  public var description: String {
    switch self {
    case .cannotCreate(let path, let reason): "cannot create \(path): \(reason)"
    case .isDirectory(let path): "cannot create \(path): it is a directory"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .closedByReader: "the reader of the output has closed it"
    case .unknownExtension(let path):
      "\(path): the extension does not name a format; use .txt, .csv, .json or .md, "
        + "or say the format with --format"
    }
  }
}
