import CBoostMath

/// Two numbers between which a function changes its sign.
public struct RootBracket: Sendable, Equatable {
  public let lower: Double
  public let upper: Double
  /// How often the function was asked.
  public let evaluations: Int

  /// A value inside, at most half a bracket from the root.
  public var middle: Double { lower + (upper - lower) / 2 }
}

/// Shrinks a bracket around a root of a function; by Boost.Math's TOMS 748.
///
/// The answer is certified, not estimated: the function has opposite signs at its ends (or is
/// zero at both, when an end is a root). A function that jumps over zero is bracketed at its jump.
///
/// Source: Alefeld, Potra and Shi, ACM TOMS 21 (1995), algorithm 748.
/// - Parameters:
///   - range: finite ends at which `function` has opposite signs, or is zero at one.
///   - relativeWidth: how close the ends shall be; not below a few units in the last place.
///   - function: called on this thread, some ten times; must not answer NaN.
/// - Throws: `StatisticsError.domain` for a range whose ends have the same sign;
///   `StatisticsError.noConvergence` when the width is not reached in 1000 evaluations.
///
/// Example: `try bracketedRoot(in: 1...2) { $0 * $0 - 2 }.middle` is the square root of 2.
public func bracketedRoot(
  in range: ClosedRange<Double>, relativeWidth: Double = 4e-16,
  _ function: (Double) -> Double
) throws(StatisticsError) -> RootBracket {
  var (low, high) = (range.lowerBound, range.upperBound)
  let used = calling(function) { call, context in
    cutover_bracketed_root(call, context, &low, &high, relativeWidth, 1000)
  }
  try require(used >= 0, "root", "lower end", low, "a bracket: opposite signs at both ends")
  guard used < 1000 else { throw .noConvergence(function: "root") }
  return RootBracket(lower: low, upper: high, evaluations: used)
}

/// Where a function that falls and then rises is least, to about eight digits; by Boost.Math's
/// Brent search.
///
/// Near a minimum the value changes with the square of the distance, so half of the digits of
/// the place are all that a double can tell.
/// - Throws: `StatisticsError.noConvergence` for a function that answers NaN.
public func minimum(
  in range: ClosedRange<Double>, _ function: (Double) -> Double
) throws(StatisticsError) -> (place: Double, value: Double) {
  var least = 0.0
  let place = calling(function) { call, context in
    cutover_minimum(call, context, range.lowerBound, range.upperBound, &least)
  }
  return (try converged("minimum", place), try converged("minimum", least))
}

/// Hands a Swift function to C for the time of a call.
func calling<Result>(
  _ function: (Double) -> Double,
  _ body: (cutover_function, UnsafeMutableRawPointer) -> Result
) -> Result {
  withoutActuallyEscaping(function) { function in
    var held = function
    return withUnsafeMutablePointer(to: &held) { pointer in
      body(
        { x, context in
          // The context is the pointer below for as long as C runs.
          context?.assumingMemoryBound(to: ((Double) -> Double).self).pointee(x) ?? .nan
        }, UnsafeMutableRawPointer(pointer))
    }
  }
}
