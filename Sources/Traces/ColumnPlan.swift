import ModelCore

/// How the cells of one kept column are read.
struct ColumnPlan {
  enum Kind {
    case number
    case text
    case word
    case flag
    /// Numeric as long as every cell is, text from the first other cell on.
    case open

    var isNumber: Bool {
      if case .number = self { true } else { false }
    }

    var isOpen: Bool {
      if case .open = self { true } else { false }
    }
  }

  let name: String
  /// Position among the record's cells.
  let position: Int
  let kind: Kind
  let domain: ColumnDomain
  /// Whether the domain can refuse a number at all.
  let isBounded: Bool
  let words: [String]
  /// The words' bytes: a cell is compared without becoming a `String`.
  let wordBytes: [[UInt8]]

  private init(
    _ name: String, _ position: Int, _ kind: Kind, domain: ColumnDomain = .any, words: [String] = []
  ) {
    self.name = name
    self.position = position
    self.kind = kind
    self.domain = domain
    isBounded = domain != .any
    self.words = words
    wordBytes = words.map { Array($0.utf8) }
  }

  /// The plans of the columns that the options keep, in the file's order.
  ///
  /// - Parameter infersTypes: whether an undefined column may wait for its cells to show its type;
  ///   otherwise it is text.
  static func plans(
    names: [String], options: TraceOptions, infersTypes: Bool
  ) -> [ColumnPlan] {
    let definitions = Dictionary(
      options.definitions.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
    var plans: [ColumnPlan] = []
    for (position, name) in names.enumerated() where options.columns?.contains(name) ?? true {
      plans.append(
        plan(name, position, definitions[name], options.types[name], infersTypes: infersTypes))
    }
    return plans
  }

  private static func plan(
    _ name: String, _ position: Int, _ defined: ColumnDefinition.Kind?, _ forced: TraceColumnType?,
    infersTypes: Bool
  ) -> ColumnPlan {
    switch (forced, defined) {
    case (.text, _): ColumnPlan(name, position, .text)
    case (.flag, _): ColumnPlan(name, position, .flag)
    case (_, .number(let domain)): ColumnPlan(name, position, .number, domain: domain)
    case (.number, _): ColumnPlan(name, position, .number)
    case (nil, .text): ColumnPlan(name, position, .text)
    case (nil, .word(let words)): ColumnPlan(name, position, .word, words: words)
    case (nil, .flag): ColumnPlan(name, position, .flag)
    case (nil, nil): ColumnPlan(name, position, infersTypes ? .open : .text)
    }
  }

  /// Reads a cell that holds a number, a word or a flag.
  ///
  /// - Returns: the problem, or `nil` when `value` holds the number, the index of the word or 0
  ///   and 1 for a flag, NaN for a missing cell.
  @inline(__always)
  func parse(_ cell: UnsafeBufferPointer<UInt8>, into value: inout Double) -> TraceProblem? {
    value = .nan
    switch kind {
    case .number:
      switch parseNumber(cell) {
      case .number(let number):
        if isBounded, !domain.contains(number) {
          return .outsideDomain(shownValue(trimmed(cell)), domain)
        }
        value = number
        return nil
      case .missing: return nil
      case .outsideRange: return .outsideRange(shownValue(trimmed(cell)))
      case .notANumber: return notANumber(cell)
      }
    case .word: return parseWord(cell, into: &value)
    case .flag: return parseFlag(cell, into: &value)
    case .text, .open: return nil
    }
  }

  private func parseWord(
    _ cell: UnsafeBufferPointer<UInt8>, into value: inout Double
  ) -> TraceProblem? {
    let word = trimmed(cell)
    if word.isEmpty { return nil }
    for (index, known) in wordBytes.enumerated() where known.elementsEqual(word) {
      value = Double(index)
      return nil
    }
    return .unknownWord(shownValue(word), words: words)
  }

  private func parseFlag(
    _ cell: UnsafeBufferPointer<UInt8>, into value: inout Double
  ) -> TraceProblem? {
    let word = trimmed(cell)
    if word.isEmpty { return nil }
    switch String(decoding: word, as: UTF8.self).lowercased() {
    case "true", "1": value = 1
    case "false", "0": value = 0
    default: return .notAFlag(shownValue(word))
    }
    return nil
  }
}
