import Calibration
import ModelCore
import Quantities

/// A time as people say it: `58.4s`, `4min 51s`, `2h 5min`.
func spoken(_ time: Seconds) -> String {
  let seconds = time.siValue
  guard seconds >= 100, seconds < 1e7 else { return time.formatted(significantDigits: 3) }
  let whole = Int(seconds.rounded())
  func two(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit) \(small)\(smallUnit)"
  }
  return whole < 7200
    ? two(whole / 60, "min", whole % 60, "s")
    : two(whole / 3600, "h", whole % 3600 / 60, "min")
}

/// A link as it is sold: in bits per second.
func linkText(_ rate: ByteRate) -> String {
  let bits = rate.siValue * 8
  for (unit, name) in [(1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")] where bits >= unit {
    return shortestDecimal((bits / unit * 1e6).rounded() / 1e6) + name
  }
  return shortestDecimal(bits) + "bit/s"
}

/// A dirty rate as QEMU counts it.
func dirtyRateText(_ rate: ByteRate) -> String {
  shortestDecimal((rate.siValue / 1_048_576 * 1e6).rounded() / 1e6) + "MiB/s"
}

/// A share as a percentage without more digits than it has.
func percent(_ share: Double) -> String {
  let value = share * 100
  if value > 0, value < 1 { return "<1 %" }
  if value < 100, value > 99 { return ">99 %" }
  return "\(Int(value.rounded())) %"
}

extension AdviceTechnique {
  /// What people call it.
  var title: String {
    switch self {
    case .precopy: "plain pre-copy"
    case .multifd: "multifd (parallel streams)"
    case .xbzrle: "XBZRLE (deltas)"
    case .multifdZstd: "multifd with zstd"
    case .multifdZlib: "multifd with zlib"
    case .autoconverge: "auto-converge"
    case .hybrid: "hybrid (one pass, then post-copy)"
    case .postcopy: "post-copy"
    }
  }
}

extension AdviceVerdict {
  var word: String {
    switch self {
    case .yes: "yes"
    case .likely: "likely"
    case .unlikely: "unlikely"
    case .no: "no"
    }
  }
}

/// Says why a technique falls short, in the words of one question.
struct ShortfallWords {
  let question: AdviceQuestion

  func reason(_ outlook: TechniqueOutlook) -> String? {
    let words = outlook.shortfalls.map(words)
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }

  private func words(_ shortfall: TechniqueOutlook.Shortfall) -> String {
    switch shortfall {
    case .fixedPause(let pause):
      "pauses for \(pause.formatted(significantDigits: 3)) without any memory"
    case .neverEnds(let range): "does not end" + guests(range)
    case .tooLong(let range): "takes too long" + guests(range)
    case .pause: "pauses too long"
    case .contents: "does only if pages shrink enough"
    case .slowEncoder(let rate):
      "encodes \(rate.formatted(significantDigits: 2)), slower than the link"
    case .noGain: "gains nothing: one thread fills this link"
    case .odds: "has odds below 95 %"
    }
  }

  private func guests(_ range: TechniqueOutlook.GuestRange) -> String {
    switch range {
    case .all: ""
    case .below(let set): " if the working set is below \(set.formatted(significantDigits: 2))"
    case .above(let set): " if the working set is above \(set.formatted(significantDigits: 2))"
    case .sweeps: " if the guest writes through all of its memory"
    case .some: " for some of the guests"
    }
  }
}
