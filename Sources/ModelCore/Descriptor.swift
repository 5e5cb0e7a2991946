/// How well an equation's origin is known.
public enum Provenance: String, Sendable, CaseIterable {
  /// Read in the public source that is cited.
  case found
  /// Stated by one of the surveys the collection starts from.
  case seed
  /// From memory of the paper, consistent with everything found; the text was not at hand.
  case recalled
  /// Our own algebra, checked by an independent computation.
  case derived
  /// Memory is incomplete or the paper's convention could not be confirmed.
  case uncertain
}

/// A parameter of a model: what a fit estimates and a saved fit holds.
public struct ParameterDefinition: Sendable, Equatable {
  public let name: String
  public let unit: String
  public let domain: ColumnDomain
  public let defaultValue: Double
  public let meaning: String

  public init(
    _ name: String, unit: String, domain: ColumnDomain, default defaultValue: Double,
    _ meaning: String
  ) {
    self.name = name
    self.unit = unit
    self.domain = domain
    self.defaultValue = defaultValue
    self.meaning = meaning
  }
}

/// What people are told about a model: help, `models show` and documentation come from it.
public struct ModelDescriptor: Sendable, Equatable {
  /// `family` or `family.variant`.
  public let id: String
  public let title: String
  /// The equations, one per line, in plain text.
  public let equations: [String]
  /// Author, year, title, place, equation or section.
  public let source: String
  public let provenance: [Provenance]
  /// What the provenance leaves open, in a sentence; empty when nothing.
  public let caveat: String
  /// Columns without which the model cannot answer.
  public let requiredInputs: [String]
  /// Columns that it reads when they are there.
  public let optionalInputs: [String]
  public let outputs: [String]
  /// Techniques (glossary words) that the model claims to describe.
  public let techniques: [String]
  public let assumptions: [String]
  /// What the model says at the ends of its domain: no dirtying, dirtying as fast as the
  /// channel, no threshold, no round.
  public let limits: [String]
  /// A command that shows the model at work, from `cutover` on; a test runs it.
  public let example: String
  /// How the model reads a row of a trace whose platform works otherwise: printed with tables.
  public let reading: String
  public let parameters: [ParameterDefinition]

  public init(
    id: String, title: String, equations: [String], source: String, provenance: [Provenance],
    caveat: String = "", requiredInputs: [String], optionalInputs: [String] = [],
    outputs: [String], techniques: [String], assumptions: [String],
    limits: [String] = [], example: String = "", reading: String,
    parameters: [ParameterDefinition] = []
  ) {
    self.id = id
    self.title = title
    self.equations = equations
    self.source = source
    self.provenance = provenance
    self.caveat = caveat
    self.requiredInputs = requiredInputs
    self.optionalInputs = optionalInputs
    self.outputs = outputs
    self.techniques = techniques
    self.assumptions = assumptions
    self.limits = limits
    self.example = example
    self.reading = reading
    self.parameters = parameters
  }
}
