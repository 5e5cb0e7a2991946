internal import Foundation

/// How Erlang's probabilities move with load and servers, in closed form.
///
///     dB/da = B (c/a - 1 + B) = B^2 (c/a) sum_{k>=1} k (c-1) ... (c-k+1) / a^k
///     dB/dc = -B (integral of ln(1 + t/a) e^-t (1 + t/a)^c) / (integral of e^-t (1 + t/a)^c)
///     dC/da = (B' (1 - rho) + B (1 - B)/c) / ((1 - rho) + rho B)^2
///
/// Source: Jagerman 1974 [recalled, derived]. For a >= c the first form of dB/da cancels and the
/// second, a sum of positive terms, is used.
public struct ErlangSensitivity: Sendable, Hashable {
  /// dB/da, per erlang.
  public let blockingByLoad: Double
  /// dB/dc for a real number of servers, per server.
  public let blockingByServers: Double
  /// dC/da, per erlang; absent when a >= c.
  public let waitingByLoad: Double?

  /// - Parameters: as `ErlangLoss`, both above 0.
  /// - Throws: `QueueingError.outOfDomain`, `.noConvergence`.
  public init(servers c: Double, offeredLoad a: Double) throws(QueueingError) {
    let loss = try ErlangLoss(servers: c, offeredLoad: a)
    try require(c > 0, "servers", c, "> 0")
    try require(a > 0, "offered load", a, "> 0 erlang")
    let b = loss.blocking
    let byLoad = a < c ? b * ((c - a) / a + b) : b * b * c / a * Self.weightedSum(c, a)
    blockingByLoad = byLoad
    let integral = ErlangIntegral(c, a)
    let slope = try integral.scaled { log1p($0 / a) } / (try integral.scaled { _ in 1 })
    blockingByServers = -b * slope
    if a < c {
      let denominator = (c - a + a * b) / c
      waitingByLoad =
        (byLoad * (c - a) / c + b * loss.acceptance / c) / (denominator * denominator)
    } else {
      waitingByLoad = nil
    }
  }

  /// `sum_{k>=1} k (c-1) ... (c-k+1) / a^k`, the growth of 1/B from c-1 to c servers, for
  /// a >= c; a fraction of a server is closed by the difference itself.
  private static func weightedSum(_ c: Double, _ a: Double) -> Double {
    let whole = c.rounded(.down)
    guard whole == c else {
      // 1/B(c) - 1/B(c-1) with 1/B(c-1) = (1/B(c) - 1) a / c: no large terms for a near c, and
      // for a far above it the difference is the asymptotic 1/a.
      let excess = ErlangLoss.fallingSum(c, a)
      return max((1 + excess) - excess * a / c, 0)
    }
    var (product, sum, k) = (1 / a, 0.0, 1.0)
    while k <= c {
      sum += k * product
      if k * product <= PoissonKernel.negligible * sum { break }
      product *= (c - k) / a
      k += 1
    }
    return sum
  }
}

/// The derivative of any metric by any parameter, by Ridders' extrapolated central differences.
public struct NumericalDerivative: Sendable, Hashable {
  public let value: Double
  /// The difference of the best two extrapolations: an estimate, not a bound.
  public let error: Double

  /// - Parameters:
  ///   - x: where, above 0; the first step is a tenth of it.
  ///   - function: `nil` where the metric does not exist.
  /// - Returns: `nil` when the metric does not exist around x.
  ///
  /// Source: Ridders, Advances in Engineering Software 4 (1982) [recalled].
  public init?(at x: Double, _ function: (Double) -> Double?) {
    let shrink = 1.4
    var step = 0.1 * x
    var table: [[Double]] = []
    var best: (value: Double, error: Double)?
    for row in 0..<12 {
      guard let right = function(x + step), let left = function(x - step) else {
        // Too near an edge of the domain: begin anew with a smaller step.
        step /= 4
        table = []
        if row > 8 { return nil }
        continue
      }
      var line = [(right - left) / (2 * step)]
      var factor = shrink * shrink
      for column in table.indices {
        let previous = table[table.count - 1]
        guard column < previous.count else { break }
        line.append((line[column] * factor - previous[column]) / (factor - 1))
        factor *= shrink * shrink
        let error = max(
          abs(line[column + 1] - line[column]), abs(line[column + 1] - previous[column]))
        if error <= best?.error ?? .infinity { best = (line[column + 1], error) }
      }
      table.append(line)
      step /= shrink
    }
    guard let best else { return nil }
    value = best.value
    error = best.error
  }
}
