public import ModelCore
internal import Statistics

/// Why a queueing model gives no answer.
///
/// An unstable queue is none of these: it is an answer, with the metrics that do not exist absent.
public enum QueueingError: Failure, Equatable {
  /// An argument outside its domain.
  case outOfDomain(String, value: Double, expected: String)
  /// The question has no answer: a target that nothing meets.
  case noSolution(String)
  /// More work or memory than is reasonable; says the bound and what to do.
  case tooLarge(String)
  /// A long-run question to a chain that never settles; names the state.
  case notIrreducible(String)
  /// A computation that did not converge.
  case noConvergence(String)

  public var category: FailureCategory {
    switch self {
    case .outOfDomain: .usage
    case .noSolution, .tooLarge, .notIrreducible: .cannotAnswer
    case .noConvergence: .internalFault
    }
  }

  public var description: String {
    switch self {
    case .outOfDomain(let name, let value, let expected):
      "\(name): \(shortestDecimal(value)) is outside its domain (\(expected))"
    case .noSolution(let why), .tooLarge(let why), .notIrreducible(let why): why
    case .noConvergence(let what): "\(what): the computation did not converge"
    }
  }
}

/// Throws `QueueingError.outOfDomain` unless `holds`.
func require(
  _ holds: Bool, _ name: String, _ value: Double, _ expected: String
) throws(QueueingError) {
  guard holds else { throw .outOfDomain(name, value: value, expected: expected) }
}

/// The checks that every queue with Poisson arrivals shares.
func requireRates(arrivalRate: Double, serviceRate: Double) throws(QueueingError) {
  try require(
    arrivalRate >= 0 && arrivalRate.isFinite, "arrival rate", arrivalRate, ">= 0 per second")
  try require(
    serviceRate > 0 && serviceRate.isFinite, "service rate", serviceRate, "> 0 per second")
}

/// Servers as a count that the kernels are proven for.
func requireServers(_ servers: Int, least: Int = 1) throws(QueueingError) {
  try require(
    servers >= least && servers <= ErlangLoss.maximumServers, "servers", Double(servers),
    "\(least) to \(ErlangLoss.maximumServers)")
}

/// Turns a failure of the numerics into ours.
func numerically<Value>(
  _ what: String, _ body: () throws(StatisticsError) -> Value
) throws(QueueingError) -> Value {
  do {
    return try body()
  } catch {
    throw .noConvergence("\(what) (\(error))")
  }
}
