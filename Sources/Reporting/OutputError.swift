public import ModelCore

/// Why a result could not be written.
public enum OutputError: Failure, Equatable {
  /// The file could not be made; the reason in the system's words.
  case cannotCreate(path: String, reason: String)
  /// The path names a directory.
  case isDirectory(path: String)
  /// Writing, closing or renaming failed (a full disk, for example).
  case cannotWrite(path: String, reason: String)
  /// The reader of a pipe has gone (`| head`): not a fault, and nothing to say. The command
  /// ends without a message and with exit code 0.
  case closedByReader
  /// No format has that extension.
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
