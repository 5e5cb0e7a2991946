import ModelCore

/// What a migration depends on, no row states, and the outcomes of a finished one give away.
///
/// The rows that teach the model are read with the hidden inputs that explain them best; so the
/// parameters need not stand in for them. A new row is predicted once with each of the hidden
/// inputs of rows like it. Nothing of a row's own outcomes is used to predict it.
struct HiddenInputs: Sendable, Equatable, Codable {
  /// Share of the written set that lies outside used memory.
  var blankShare = 0.0
  /// Whether a link, not a cap, holds the stream back; `nil` when the row says.
  var isLink: Bool?
  /// The written set, relative to used memory; `nil` when the row says.
  var setShare: Double?
  /// Share of a page that does not compress; `nil` when the row says, or nothing compresses.
  var incompressible: Double?
  /// Share of the memory that is used; `nil` when the row says.
  var usedShare: Double?
  /// Page writes per second; `nil` when the row says, or states a dirty rate.
  var writeRate: Double?

  private static let blankShares = [
    0, 0.03, 0.07, 0.12, 0.18, 0.25, 0.33, 0.42, 0.52, 0.64, 0.8, 1,
  ]
  private static let setShares = [0.01, 0.03, 0.08, 0.2, 0.45, 0.9]
  private static let incompressibles = [0.01, 0.06, 0.25, 0.5, 1]
  /// Where the search begins.
  private static let likelyBlankShare = 0.05

  /// The values that a row leaves possible.
  static func possible(for inputs: CalibratedInputs) -> [HiddenInputs] {
    let isIdle = inputs.workload == "idle"
    let knowsSet = inputs[.workingSet] != nil
    let open = HiddenSearch.open(for: inputs)
    // What is used and nobody says takes up what would lie outside it.
    let blanks = isIdle || open.contains(.used) ? [0] : knowsSet ? blankShares : [0, 0.33]
    let links: [Bool?] = inputs[.cap] != nil || inputs[.link] != nil ? [nil] : [false, true]
    let sets: [Double?] = knowsSet || isIdle || open.contains(.set) ? [nil] : setShares
    let contents: [Double?] =
      inputs[.incompressible] != nil || !inputs.compresses ? [nil] : incompressibles
    var answer: [HiddenInputs] = []
    for blank in blanks {
      for link in links {
        for set in sets {
          for content in contents {
            var hidden = HiddenInputs(
              blankShare: blank, isLink: link, setShare: set, incompressible: content)
            for quantity in open { hidden[quantity] = quantity.typical }
            answer.append(hidden)
          }
        }
      }
    }
    return answer
  }

  /// The first guess, in the middle of what is possible.
  static func likely(for inputs: CalibratedInputs) -> HiddenInputs {
    let all = possible(for: inputs)
    var middle = all[all.count / 2]
    if all.contains(where: { $0.blankShare > 0 }) || inputs.workload == "idle" {
      middle.blankShare = likelyBlankShare
    }
    return middle
  }

  /// What it costs, as squared scales, to believe in pages outside used memory: as much as two
  /// rows in five not having any says.
  var unlikeliness: Double { blankShare > 0 ? 0.3 * (1 + blankShare) : 0 }
}

extension HiddenInputs {
  enum CodingKeys: String, CodingKey {
    case blankShare = "blank_share"
    case isLink = "is_link"
    case setShare = "set_share"
    case incompressible = "incompressible_fraction"
    case usedShare = "used_share"
    case writeRate = "write_rate_pages_per_s"
  }

  /// - Throws: `CalibrationError.cause` when a share is not one.
  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    isLink = try fields.decodeIfPresent(Bool.self, forKey: .isLink)
    setShare = try Self.share(fields, .setShare)
    incompressible = try Self.share(fields, .incompressible)
    usedShare = try Self.share(fields, .usedShare)
    blankShare = try Self.share(fields, .blankShare) ?? 0
    writeRate = try fields.decodeIfPresent(Double.self, forKey: .writeRate)
    if let writeRate, !(writeRate > 0) {
      throw CalibrationError.cause(
        .badData, "hidden input write_rate_pages_per_s is \(writeRate), expected a number > 0")
    }
  }

  private static func share(
    _ fields: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys
  ) throws -> Double? {
    guard let value = try fields.decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard (0...1).contains(value) else {
      throw CalibrationError.cause(
        .badData, "hidden input \(key.rawValue) is \(value), expected a share from 0 to 1")
    }
    return value
  }
}

extension CalibratedInputs {
  /// Whether the technique compresses pages.
  var compresses: Bool {
    (technique ?? "").contains("compress") || (technique ?? "").contains("-z")
  }
}
