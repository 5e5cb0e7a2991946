/// A figure: panels stacked over a common width, each with its axes and series.
///
/// A value that says what is drawn and nothing of how; `PlotRenderer` makes the SVG. Values are
/// in SI units: the axis picks the unit that people read.
///
/// ```swift
/// let plot = Plot(title: "Downtime", panels: [
///   Plot.Panel(
///     x: Plot.Axis("dirty rate", .bytesPerSecond), y: Plot.Axis("downtime", .seconds),
///     series: [Plot.Series("liu.basic", .line, x: rates, y: downtimes)])
/// ])
/// let svg = try PlotRenderer().svg(plot)
/// ```
public struct Plot: Sendable, Equatable {
  public var title: String
  /// A line under the title: what was held fixed.
  public var subtitle: String?
  /// From top to bottom; at least one has to hold a point.
  public var panels: [Panel]

  public init(title: String, subtitle: String? = nil, panels: [Panel]) {
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
  }

  /// One pair of axes and what is drawn between them.
  public struct Panel: Sendable, Equatable {
    public var x: Axis
    public var y: Axis
    public var series: [Series]
    /// Limits and published values, drawn across the panel behind the series.
    public var references: [ReferenceLine]

    public init(x: Axis, y: Axis, series: [Series], references: [ReferenceLine] = []) {
      self.x = x
      self.y = y
      self.series = series
      self.references = references
    }
  }

  /// What a direction of a panel counts, and how it is spaced.
  public struct Axis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
      case linear
      /// Values at or below zero are not drawn.
      case logarithmic
    }

    /// Without its unit: the axis adds the one it picks.
    public var label: String
    public var unit: PlotUnit
    public var scale: Scale

    public init(_ label: String, _ unit: PlotUnit = .plain, scale: Scale = .linear) {
      self.label = label
      self.unit = unit
      self.scale = scale
    }
  }

  /// How the points of a series are joined.
  public enum Style: Sendable, Equatable {
    case line
    /// Each value holds up to the next x: counts, settings.
    case steps
    case points
    /// The area between `y` and `upper`.
    case band
  }

  /// Points with a name in the legend; a point whose x or y is absent is a gap.
  public struct Series: Sendable, Equatable {
    public var name: String
    public var style: Style
    public var x: [Double?]
    public var y: [Double?]
    /// The upper edge of a band; empty for the other styles.
    public var upper: [Double?]
    /// Which colour of the palette, where series belong together; by position if `nil`.
    public var colour: Int?

    /// - Parameters:
    ///   - x: SI values.
    ///   - y: as many as `x`; more or fewer are cut to the shorter.
    ///   - upper: as many, for a band.
    public init(
      _ name: String, _ style: Style, x: [Double?], y: [Double?], upper: [Double?] = [],
      colour: Int? = nil
    ) {
      self.name = name
      self.style = style
      self.x = x
      self.y = y
      self.upper = upper
      self.colour = colour
    }
  }

  /// A dashed line across the panel at one value of an axis.
  public struct ReferenceLine: Sendable, Equatable {
    public enum Position: Sendable, Equatable {
      case x(Double)
      case y(Double)
    }

    public var name: String
    public var position: Position

    public init(_ name: String, at position: Position) {
      self.name = name
      self.position = position
    }
  }
}

/// What an axis counts, in SI; it decides the prefixes of the tick labels.
public enum PlotUnit: Sendable, Equatable {
  /// Binary prefixes: KiB, MiB, GiB.
  case bytes
  /// The same per second.
  case bytesPerSecond
  /// us, ms, s, min, h.
  case seconds
  case joules
  /// A fraction, shown in percent.
  case percent
  /// No unit of its own; the label says what it is.
  case plain
}
