/// A unit as it is typed and printed, and its size in SI.
///
/// SI value = number x 10^decimalExponent x factor / divisor. The power of ten is applied to
/// the decimal text before it becomes a double, so 300ms is exactly the double nearest 0.3;
/// factor and divisor are whole numbers (1024, 60, 8), so each costs at most one rounding,
/// and powers of two cost none.
public struct Unit: Sendable, Hashable {
  /// The one spelling that is printed and suggested.
  public let symbol: String
  /// Other spellings that are read.
  public let aliases: [String]
  let decimalExponent: Int
  let factor: Double
  let divisor: Double
  /// What people type when they mean this unit, and what it is refused for: it may mean
  /// another unit too.
  let mistakes: [String]
  let isSuggested: Bool

  init(
    _ symbol: String, aliases: [String] = [], exponent: Int = 0, factor: Double = 1,
    divisor: Double = 1, mistakes: [String] = [], isSuggested: Bool = true
  ) {
    self.symbol = symbol
    self.aliases = aliases
    self.decimalExponent = exponent
    self.factor = factor
    self.divisor = divisor
    self.mistakes = mistakes
    self.isSuggested = isSuggested
  }

  /// The SI value of `decimal` (checked syntax, no sign) in this unit.
  func siValue(mantissa: Substring, exponent: Int) -> Double? {
    Double("\(mantissa)e\(exponent + decimalExponent)").map { $0 * factor / divisor }
  }

  /// How many of this unit an SI value is, in decimal.
  func number(ofSI value: Double, significantDigits: Int?) -> DecimalNumber? {
    let scaled = value * divisor / factor
    let number =
      if let significantDigits {
        DecimalNumber(scaled, significantDigits: significantDigits)
      } else {
        DecimalNumber(shortest: scaled)
      }
    return number?.shifted(byPowerOfTen: -decimalExponent)
  }
}

/// The units of one kind of quantity: how it is read, printed and asked for.
public struct UnitTable: Sendable {
  /// What the quantity is called in messages: "a size".
  public let name: String
  /// Two well-spelt values for messages.
  public let examples: [String]
  /// Every unit that is read.
  public let units: [Unit]
  /// What the SI value is counted in; its symbol is empty for dimensionless quantities.
  let base: Unit
  /// Units that printing chooses among: families in order of preference, each ascending.
  let printed: [[Unit]]
  /// The same for rounded text, where the values of one table should stay comparable.
  let roundedFamilies: [[Unit]]
  /// Whether a bare number is complete.
  let allowsBareNumber: Bool

  init(
    _ name: String, examples: [String], base: Unit, units: [Unit], printed: [[Unit]],
    rounded: [[Unit]]? = nil, allowsBareNumber: Bool = false
  ) {
    self.name = name
    self.examples = examples
    self.base = base
    self.units = units
    self.printed = printed
    roundedFamilies = rounded ?? printed
    self.allowsBareNumber = allowsBareNumber
  }

  /// The unit of exactly this spelling.
  func unit(spelled text: some StringProtocol) -> Unit? {
    units.first { $0.symbol == text || $0.aliases.contains { $0 == text } }
  }

  /// The units that a refused spelling may have meant, none when nothing is near.
  func suggestions(for text: some StringProtocol) -> [Unit] {
    let typed = String(text)
    let key = looseKey(typed)
    // Bits where only bytes are read differ by eight: no near spelling says what is meant.
    let isForeignBit =
      typed.lowercased().contains("bit") && !units.contains { $0.symbol.contains("bit") }
    return units.filter { unit in
      unit.isSuggested
        && (unit.mistakes.contains(typed.lowercased())
          || (!key.isEmpty && !isForeignBit && looseKey(unit.symbol) == key))
    }
  }
}

/// What is left of a spelling when everything that people confuse is dropped: letter case, the
/// binary `i`, the trailing byte or bit, "per second". "Mb", "MiB", "MBps" and "M" all become "m".
private func looseKey(_ spelling: String) -> String {
  var key = Substring(spelling.lowercased())
  for ending in ["ytes", "yte", "its", "it"] where key.hasSuffix("b" + ending) {
    key = key.dropLast(ending.count)
  }
  for ending in ["/sec", "/s", "ps"] where key.hasSuffix(ending) && key != "ps" {
    key = key.dropLast(ending.count)
    break
  }
  for ending in ["ytes", "yte", "its", "it"] where key.hasSuffix("b" + ending) {
    key = key.dropLast(ending.count)
  }
  if key.hasSuffix("b") { key = key.dropLast() }
  if key.hasSuffix("i") { key = key.dropLast() }
  return String(key)
}
