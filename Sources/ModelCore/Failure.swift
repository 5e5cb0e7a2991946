/// What kind of thing went wrong; each kind has one exit code of the command.
public enum FailureCategory: Int32, Sendable, CaseIterable {
  case usage = 64
  case badData = 65
  case noInput = 66
  case cannotAnswer = 69
  case internalFault = 70
  case cannotCreate = 73
  case inputOutput = 74

  public var exitCode: Int32 { rawValue }
}

/// An error that is written for the person who has to do something about it.
///
/// `description` says where, what, the value, what was expected and what to do, without a
/// final full stop and without the name of the program.
public protocol Failure: Error, Sendable, CustomStringConvertible {
  var category: FailureCategory { get }
}
