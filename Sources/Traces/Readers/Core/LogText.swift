// Small tools for the lines that people and platforms write.

extension StringProtocol {
  /// What follows the first occurrence of a text.
  func after(_ marker: String) -> SubSequence? {
    firstRange(of: marker).map { self[$0.upperBound...] }
  }

  /// What precedes the first occurrence of a text; everything without one.
  func before(_ marker: String) -> SubSequence {
    firstRange(of: marker).map { self[..<$0.lowerBound] } ?? self[startIndex...]
  }

  /// What stands between a marker and the next of the stops, or the end.
  func between(_ marker: String, _ stops: String) -> SubSequence? {
    after(marker)?.prefix { !stops.contains($0) }
  }

  private func firstRange(of marker: String) -> Range<Index>? {
    // Bytes, not characters: a marker is ASCII, and its bytes stand for nothing else in UTF-8.
    let pattern = Array(marker.utf8)
    guard let first = pattern.first else { return nil }
    let bytes = utf8
    var start = bytes.startIndex
    while let found = bytes[start...].firstIndex(of: first) {
      var at = found
      var index = 0
      while index < pattern.count, at < bytes.endIndex, bytes[at] == pattern[index] {
        index += 1
        bytes.formIndex(after: &at)
      }
      if index == pattern.count { return found..<at }
      start = bytes.index(after: found)
    }
    return nil
  }

  /// Without the spaces and tabs at both ends.
  var trimmedSpaces: Substring {
    var answer = Substring(self)
    while let first = answer.first, first == " " || first == "\t" { answer.removeFirst() }
    while let last = answer.last, last == " " || last == "\t" { answer.removeLast() }
    return answer
  }

  /// The whole text as a finite decimal number.
  var decimal: Double? {
    var bytes = Array(trimmedSpaces.utf8)
    return bytes.withUnsafeMutableBufferPointer {
      if case .number(let value) = parseNumber(UnsafeBufferPointer($0)) { return value }
      return nil
    }
  }

  /// The number that the text begins with, and what follows it.
  var leadingDecimal: (value: Double, rest: Substring)? {
    let text = trimmedSpaces
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+") }
    guard let value = digits.decimal else { return nil }
    return (value, text[digits.endIndex...])
  }
}

/// A number with a unit of a size: `1.412 GiB`, `812MiB`, `64 B`; in bytes.
func parsedBytes(_ text: some StringProtocol) -> Double? {
  guard let (value, rest) = text.leadingDecimal else { return nil }
  return binaryFactor(rest.trimmedSpaces).map { value * $0 }
}

/// `428.3 MiB/s` in bytes per second.
func parsedByteRate(_ text: some StringProtocol) -> Double? {
  let trimmed = text.trimmedSpaces
  guard trimmed.hasSuffix("/s") else { return nil }
  return parsedBytes(trimmed.dropLast(2))
}

/// What one of a platform's unit is in bytes. The platforms read here write powers of 1024 under
/// either spelling (`MB` of vdsm and `kbytes` of QEMU are 2^20 and 2^10 bytes).
func binaryFactor(_ unit: some StringProtocol) -> Double? {
  switch unit.lowercased() {
  case "b", "byte", "bytes", "": 1
  case "kib", "kb", "kbytes", "k": 0x1p10
  case "mib", "mb", "mbytes", "m": 0x1p20
  case "gib", "gb", "gbytes", "g": 0x1p30
  case "tib", "tb", "tbytes", "t": 0x1p40
  case "pib", "pb": 0x1p50
  case "eib", "eb": 0x1p60
  default: nil
  }
}

/// `8421ms`, `3.22s`, `12 s`, `29 secs` in seconds; the unit must be there.
func parsedSeconds(_ text: some StringProtocol) -> Double? {
  guard let (value, rest) = text.leadingDecimal else { return nil }
  switch rest.trimmedSpaces {
  case "us": return value / 1e6
  case "ms", "milliseconds": return value / 1e3
  case "s", "sec", "secs", "second", "seconds": return value
  default: return nil
  }
}

/// Seconds out of milliseconds, rounded once.
func seconds(milliseconds: Double?) -> Double? { milliseconds.map { $0 / 1000 } }

/// Seconds between two readings of a clock, to the microsecond: readings since 1970 have no finer
/// digits as doubles, and their difference would print some that mean nothing.
func span(from start: Double, to end: Double) -> Double {
  ((end - start) * 1e6).rounded() / 1e6
}

/// A moment of a log.
struct LogTime: Equatable {
  /// Seconds since 1970 in UTC; when there is no zone, as if it were UTC.
  let seconds: Double
  let hasZone: Bool
  /// What follows it.
  let rest: Substring

  /// Reads a time at the beginning of a text: `2026-03-02 10:15:30`, `2026-03-02T10:15:30.123Z`,
  /// `2026-03-02 10:15:30,123`, `2026-03-02T10:15:30+01:00`.
  init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(40))
    func digits(_ at: Int, _ count: Int) -> Int? {
      guard at + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[at..<at + count] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        value = value * 10 + Int(byte) - 0x30
      }
      return value
    }
    func byte(_ at: Int) -> Character? {
      at < bytes.count ? Character(UnicodeScalar(bytes[at])) : nil
    }
    guard let year = digits(0, 4), byte(4) == "-", let month = digits(5, 2), byte(7) == "-",
      let day = digits(8, 2), let gap = byte(10), gap == " " || gap == "T",
      let hour = digits(11, 2), byte(13) == ":", let minute = digits(14, 2), byte(16) == ":",
      let second = digits(17, 2), (1...12).contains(month), (1...31).contains(day), hour < 24,
      minute < 60, second <= 60
    else { return nil }
    var at = 19
    var fraction = 0.0
    if byte(at) == "." || byte(at) == "," {
      var end = at + 1
      while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39 { end += 1 }
      fraction = String(decoding: [0x30, 0x2E] + bytes[(at + 1)..<end], as: UTF8.self).decimal ?? 0
      at = end
    }
    var offset = 0
    var hasZone = false
    if byte(at) == "Z" {
      hasZone = true
      at += 1
    } else if let sign = byte(at), sign == "+" || sign == "-", let hours = digits(at + 1, 2),
      let minutes = digits(at + (byte(at + 3) == ":" ? 4 : 3), 2), hours < 24, minutes < 60
    {
      hasZone = true
      offset = (sign == "-" ? -1 : 1) * (hours * 60 + minutes) * 60
      at += byte(at + 3) == ":" ? 6 : 5
    }
    let days = Self.days(year, month, day)
    seconds = Double(days * 86400 + hour * 3600 + minute * 60 + second - offset) + fraction
    self.hasZone = hasZone
    // Every byte before `at` is ASCII, so the offset is one of characters, too.
    rest = Substring(text).dropFirst(at)
  }

  /// Days from 1970-01-01 of the Gregorian calendar (Hinnant, "chrono-compatible low-level date
  /// algorithms").
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146097 + dayOfEra - 719468
  }
}

/// What is said once of a log whose times have no zone.
let zonelessNote = "times without a zone, taken for UTC"
