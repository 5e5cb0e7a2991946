public import Quantities

/// Liu's energy law: what a migration costs on both hosts together is linear in its traffic.
///
/// `E = alpha V_mig + beta`. Time does not appear: with fixed hardware the energy follows the
/// traffic.
///
/// Source: Liu et al. 2011, energy model (Equations.md 1.3, recalled: 0.512 J/MB and 20.165 J
/// for two identical hosts). The coefficients belong to that hardware; `EnergyEstimator` learns
/// them from a trace.
/// Limits: no traffic costs `beta`.
public struct EnergyLaw: Sendable, Hashable {
  /// alpha, joules per byte, >= 0: source and destination summed.
  public let perByte: Double
  /// beta, joules, >= 0.
  public let fixed: Double

  public init(perByte: Double, fixed: Double) {
    self.perByte = perByte
    self.fixed = fixed
  }

  /// Joules above idle for this much traffic.
  public func energy(ofTraffic traffic: Bytes) -> Joules {
    Joules(siValue: perByte * traffic.siValue + fixed)
  }
}
