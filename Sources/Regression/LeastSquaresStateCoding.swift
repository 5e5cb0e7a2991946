import LinearAlgebra

/// Saving and loading.
extension LeastSquaresState {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// No text file and no older format begins so; the line end breaks when a transfer alters those.
  static let mark: [UInt8] = [0x89] + Array("CUTLSQ\n".utf8)
  /// Mark, version, length of what follows; and the checksum behind it.
  private static let headLength = 24
  private static let tailLength = 8

  /// The state as bytes: mark, version, length, contents, CRC-64 of all before it. The same state
  /// gives the same bytes.
  public func encoded() -> [UInt8] {
    var body = StateWriter()
    body.write(design.formula.description)
    body.write(design.weights != nil)
    if let weights = design.weights { body.write(weights.description) }
    for variable in design.variables { Self.write(variable, to: &body) }
    for count in [rowsRead, missingRows, zeroWeightRows] { body.write(count) }
    body.write([logWeights.sum, logWeights.correction, response.lower, response.upper])
    let names = extents.keys.sorted()
    body.write(names)
    body.write(names.flatMap { [extents[$0]?.lower ?? 0, extents[$0]?.upper ?? 0] })
    let parts = reduction.parts
    body.write(parts.rows)
    body.write(parts.exponents.map { $0.map(Double.init) ?? .infinity })
    body.write(parts.triangle)
    body.write(parts.productsHigh)
    body.write(parts.productsLow)
    if let rows = parts.rowsOfProducts { body.write(rows) }

    var whole = StateWriter()
    whole.append(Self.mark)
    whole.write(Self.formatVersion)
    whole.write(body.bytes.count)
    whole.append(body.bytes)
    whole.write(StateChecksum.of(whole.bytes))
    return whole.bytes
  }

  /// Reads what `encoded` wrote.
  ///
  /// - Throws: `RegressionError.stream`: `.foreign`, `.version`, `.truncated`, `.checksum`, or
  ///   `.inconsistent` for parts that contradict each other although the checksum is right.
  public init(decoding bytes: [UInt8]) throws(RegressionError) {
    do {
      self = try Self.decode(bytes)
    } catch {
      throw .stream(error)
    }
  }

  private static func decode(_ bytes: [UInt8]) throws(StreamError) -> LeastSquaresState {
    guard !bytes.isEmpty, bytes.prefix(mark.count).elementsEqual(mark.prefix(bytes.count)) else {
      throw .foreign
    }
    guard bytes.count >= headLength else {
      throw .truncated(bytes: bytes.count, expected: headLength + tailLength)
    }
    var head = StateReader(bytes[mark.count..<headLength])
    let (version, length) = (try head.integer(), try head.integer())
    guard version == formatVersion else {
      throw .version(found: version, expected: formatVersion)
    }
    let (end, overflow) = (headLength + tailLength).addingReportingOverflow(length)
    guard length >= 0, !overflow else { throw .inconsistent("a length of \(length)") }
    guard bytes.count >= end else { throw .truncated(bytes: bytes.count, expected: end) }
    guard bytes.count == end else { throw .inconsistent("\(bytes.count - end) bytes too many") }
    var tail = StateReader(bytes[(end - tailLength)...])
    guard StateChecksum.of(bytes.dropLast(tailLength)) == (try tail.word()) else {
      throw .checksum
    }
    var body = StateReader(bytes[headLength..<(end - tailLength)])
    let state = try read(&body)
    guard body.isAtEnd else { throw .inconsistent("more follows the last part") }
    return state
  }

  private static func read(_ body: inout StateReader) throws(StreamError) -> LeastSquaresState {
    var state = LeastSquaresState(try readDesign(&body))
    let formula = state.design.formula
    state.rowsRead = try body.integer()
    state.missingRows = try body.integer()
    state.zeroWeightRows = try body.integer()
    let sums = try body.doubles()
    let names = try body.texts()
    let bounds = try body.doubles()
    let known = Set(formula.columnsRead)
    guard sums.count == 4, bounds.count == 2 * names.count, Set(names).count == names.count,
      names.allSatisfy(known.contains), (sums + bounds).allSatisfy({ !$0.isNaN }),
      sums[0].isFinite, sums[1].isFinite
    else { throw .inconsistent("sums and ranges") }
    state.logWeights = CompensatedSum(sum: sums[0], correction: sums[1])
    state.response = Extent(lower: sums[2], upper: sums[3])
    for (k, name) in names.enumerated() {
      state.extents[name] = Extent(lower: bounds[2 * k], upper: bounds[2 * k + 1])
    }
    let parts = MergeableQR.Parts(
      rows: try body.integer(), exponents: try exponents(body.doubles()),
      triangle: try body.doubles(), productsHigh: try body.doubles(),
      productsLow: try body.doubles(),
      // States of earlier releases end here.
      rowsOfProducts: body.isAtEnd ? nil : try body.integer())
    let columns = state.design.columnCount
    guard let reduction = MergeableQR(columns: columns, parts) else {
      throw .inconsistent("the triangle is not one of \(columns) columns")
    }
    state.reduction = reduction
    let left = [state.rowsRead, state.missingRows, state.zeroWeightRows, reduction.rows]
    let counted = left[1].addingReportingOverflow(left[2])
    let total = counted.partialValue.addingReportingOverflow(left[3])
    guard left.allSatisfy({ $0 >= 0 }), !counted.overflow, !total.overflow,
      total.partialValue == left[0]
    else { throw .inconsistent("the counts of rows do not add up") }
    guard (reduction.rows > 0) == (state.response.lower <= state.response.upper) else {
      throw .inconsistent("rows without a response, or the reverse")
    }
    return state
  }

  private static func readDesign(_ body: inout StateReader) throws(StreamError) -> StreamingDesign {
    let text = try body.text()
    let weightText = try body.bool() ? try body.text() : nil
    let formula: Formula
    let weights: Expression?
    do {
      formula = try Formula(text)
      weights = try weightText.map { text throws(FormulaError) in try Expression(parsing: text) }
    } catch {
      throw .inconsistent(error.description)
    }
    var variables: [StreamedVariable] = []
    for variable in formula.variables { variables.append(try read(variable, &body)) }
    do {
      return try StreamingDesign(formula: formula, weights: weights, variables: variables)
    } catch {
      throw .inconsistent(error.description)
    }
  }

  /// The first byte says what a variable is.
  private enum Tag: Int {
    case numeric, labels, numbers, polynomial, powers
  }

  private static func write(_ variable: StreamedVariable, to body: inout StateWriter) {
    switch variable {
    case .numeric: body.write(Tag.numeric.rawValue)
    case .factor(let levels, let kind):
      body.write((kind == .labels ? Tag.labels : Tag.numbers).rawValue)
      body.write(levels)
    case .polynomial(let polynomial):
      body.write(Tag.polynomial.rawValue)
      body.write([polynomial.centre, polynomial.scale])
      body.write(polynomial.shifts)
      body.write(polynomial.norms)
    // The formula says of what, and how many.
    case .powers: body.write(Tag.powers.rawValue)
    }
  }

  private static func read(
    _ variable: Variable, _ body: inout StateReader
  ) throws(StreamError) -> StreamedVariable {
    switch (variable, Tag(rawValue: try body.integer())) {
    case (.expression, .numeric): return .numeric
    case (.expression(.column), .labels), (.factor, .labels):
      return try factor(body.texts(), .labels)
    case (.factor, .numbers): return try factor(body.texts(), .numbers)
    case (.powers(_, let degree, _), .powers): return .powers(degree: degree)
    case (.polynomial(_, let degree), .polynomial):
      let place = try body.doubles()
      let (shifts, norms) = (try body.doubles(), try body.doubles())
      guard place.count == 2 else { break }
      let polynomial = Polynomial(
        degree: degree, centre: place[0], scale: place[1], shifts: shifts, norms: norms)
      guard polynomial.isConsistent else { break }
      return .polynomial(polynomial)
    default: break
    }
    throw .inconsistent("the variable \(variable) is not what it says")
  }

  private static func factor(
    _ levels: [String], _ kind: StreamedColumnKind
  ) throws(StreamError) -> StreamedVariable {
    guard levels == StreamedVariable.union(levels, [], kind: kind),
      kind == .labels || levels.allSatisfy({ Double($0) != nil })
    else { throw .inconsistent("the levels \(levels.prefix(5)) are not in order") }
    return .factor(levels: levels, kind: kind)
  }

  /// The exponents of columns, an infinity for one that is zero so far.
  private static func exponents(_ values: [Double]) throws(StreamError) -> [Int?] {
    var answer: [Int?] = []
    for value in values {
      guard value != .infinity else {
        answer.append(nil)
        continue
      }
      guard let exponent = Int(exactly: value) else { throw .inconsistent("an exponent") }
      answer.append(exponent)
    }
    return answer
  }
}
