internal import Foundation
internal import ModelCore
internal import Quantities

/// A tick of an axis: where, and what stands beside it.
struct PlotTick: Equatable {
  var value: Double
  var label: String
}

/// The range and the ticks of an axis, and the label with the unit that was picked.
struct PlotScale: Equatable {
  var lower: Double
  var upper: Double
  var isLogarithmic: Bool
  var label: String
  var ticks: [PlotTick]

  /// - Parameters:
  ///   - values: finite; on a logarithmic axis above zero. Not empty.
  ///   - includesZero: whether a linear axis of values far from each other starts at zero, as
  ///     one does whose heights are compared.
  init(_ axis: Plot.Axis, values: [Double], includesZero: Bool) {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    isLogarithmic = axis.scale == .logarithmic
    if isLogarithmic {
      let widened = low < high ? (low, high) : (low / 2, high * 2)
      (lower, upper) = widened
      ticks = Self.logarithmicTicks(axis.unit, lower: lower, upper: upper)
      label = axis.label
      return
    }
    let unit = axis.unit.displayUnit(for: max(abs(low), abs(high)))
    var (from, to) = (low / unit.size, high / unit.size)
    // Why half: below it the part of the axis that would be empty is smaller than the rest.
    if includesZero, from > 0, from < to / 2 { from = 0 }
    if from == to {
      let margin = from == 0 ? 1 : abs(from) / 2
      (from, to) = (from == 0 ? 0 : from - margin, to + margin)
    }
    let step = Self.niceStep(from: from, to: to)
    if includesZero {
      from = (from / step).rounded(.down) * step
      to = (to / step).rounded(.up) * step
    }
    lower = from * unit.size
    upper = to * unit.size
    label = unit.symbol.isEmpty ? axis.label : "\(axis.label) (\(unit.symbol))"
    let first = (from / step).rounded(.up)
    let last = (to / step + 1e-9).rounded(.down)
    ticks = stride(from: first, through: last, by: 1).map { index in
      PlotTick(value: index * step * unit.size, label: Self.text(index * step))
    }
  }

  /// A step of 1, 2 or 5 times a power of ten that makes four to nine intervals.
  static func niceStep(from: Double, to: Double) -> Double {
    let rough = (to - from) / 6
    let power = pow(10, log10(rough).rounded(.down))
    let lead = rough / power
    return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power
  }

  private static func logarithmicTicks(
    _ unit: PlotUnit, lower: Double, upper: Double
  ) -> [PlotTick] {
    let candidates =
      unit.isBinary
      ? binaryTicks(lower: lower, upper: upper)
      : decimalTicks(lower: lower, upper: upper, size: unit == .percent ? 0.01 : 1)
    return candidates.map { PlotTick(value: $0, label: unit.tickLabel($0)) }
  }

  /// Powers of two, of four, of sixteen ...: the finest that gives at most nine.
  private static func binaryTicks(lower: Double, upper: Double) -> [Double] {
    for stride in [1, 2, 3, 5, 10, 20, 50] {
      let first = Int((log2(lower) / Double(stride)).rounded(.up))
      let last = Int((log2(upper) / Double(stride)).rounded(.down))
      if last >= first, last - first < 9 {
        return (first...last).map { pow(2, Double($0 * stride)) }
      }
    }
    return [lower, upper]
  }

  /// 1-2-5 over few decades, then 1-3, then powers of ten; thinned to at most nine.
  private static func decimalTicks(lower: Double, upper: Double, size: Double) -> [Double] {
    let first = Int(log10(lower / size).rounded(.down))
    let last = Int(log10(upper / size).rounded(.up))
    let isInside = { (value: Double) in
      value >= lower * (1 - 1e-12) && value <= upper * (1 + 1e-12)
    }
    for leads in [[1.0, 2, 5], [1, 3], [1]] {
      let ticks = (first...last).flatMap { power in
        leads.map { $0 * pow(10, Double(power)) * size }
      }.filter(isInside)
      if (2...9).contains(ticks.count) { return ticks }
    }
    let decades = (first...last).map { pow(10, Double($0)) * size }.filter(isInside)
    guard decades.count > 1 else { return [lower, upper] }
    let every = (decades.count + 8) / 9
    return decades.enumerated().filter { $0.offset % every == 0 }.map(\.element)
  }

  /// A tick's number: a multiple of the step without the dirt of its multiplication.
  static func text(_ value: Double) -> String {
    let rounded = Double(roundedDecimal(value, significantDigits: 6)) ?? value
    return rounded == 0 ? "0" : shortestDecimal(rounded)
  }
}

extension PlotUnit {
  struct Display: Equatable {
    var size: Double
    var symbol: String
  }

  var isBinary: Bool { self == .bytes || self == .bytesPerSecond }

  /// Ascending; each is used from `from` on.
  private var displays: [(from: Double, display: Display)] {
    let binary = [
      (0.0, 1.0, "B"), (0x1p10, 0x1p10, "KiB"), (0x1p20, 0x1p20, "MiB"), (0x1p30, 0x1p30, "GiB"),
      (0x1p40, 0x1p40, "TiB"),
    ]
    let entries: [(Double, Double, String)] =
      switch self {
      case .bytes: binary
      case .bytesPerSecond: binary.map { ($0.0, $0.1, $0.2 + "/s") }
      case .seconds:
        [
          (0, 1e-6, "us"), (1e-3, 1e-3, "ms"), (1, 1, "s"), (1800, 60, "min"), (36_000, 3600, "h"),
        ]
      case .joules: [(0, 1, "J"), (1e4, 1e3, "kJ"), (1e7, 1e6, "MJ")]
      case .percent: [(0, 0.01, "%")]
      case .plain: [(0, 1, "")]
      }
    return entries.map { ($0.0, Display(size: $0.1, symbol: $0.2)) }
  }

  /// The unit in which an axis up to this value reads well.
  func displayUnit(for largest: Double) -> Display {
    // Zero alone is shown in the base unit, not in the smallest one.
    if largest == 0 {
      return displays.first { $0.display.size == 1 }?.display ?? displays[0].display
    }
    return (displays.last { $0.from <= largest } ?? displays[0]).display
  }

  /// A tick of a logarithmic axis, each in its own unit.
  func tickLabel(_ value: Double) -> String {
    // A power of ten may come out a last bit below the unit's start.
    let unit = displayUnit(for: value * (1 + 1e-12))
    let number = PlotScale.text(value / unit.size)
    return unit.symbol.isEmpty ? number : "\(number) \(unit.symbol)"
  }
}
