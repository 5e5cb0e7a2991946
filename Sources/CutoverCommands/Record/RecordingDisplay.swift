import Foundation
import ModelCore
import Traces

/// Says on stderr how a recorded migration stands: a line that is drawn anew with every poll on a
/// terminal, a line per change of the verdict elsewhere.
final class RecordingDisplay {
  private let isTerminal = isatty(2) == 1
  private var lastVerdict: LiveForecast.Verdict?
  private var isDrawn = false

  func show(_ state: RecordingState) {
    let forecast = LiveForecast(state)
    let line = Self.line(state, forecast)
    if isTerminal {
      FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
      isDrawn = true
    } else if forecast.verdict != lastVerdict, !state.sample.stage.isTerminal {
      say(line)
    }
    lastVerdict = forecast.verdict
  }

  /// Ends the line.
  func finish() {
    if isDrawn { FileHandle.standardError.write(Data("\n".utf8)) }
    isDrawn = false
  }

  static func line(_ state: RecordingState, _ forecast: LiveForecast) -> String {
    let sample = state.sample
    var parts = [sample.status ?? "running"]
    if let sent = sample.transferredBytes { parts.append("\(size(sent)) sent") }
    if let left = sample.remainingBytes { parts.append("\(size(left)) left") }
    if let rate = state.throughputs.last { parts.append("at \(size(rate))/s") }
    if let rate = state.dirtyRates.last { parts.append("dirtying \(size(rate))/s") }
    if !sample.stage.isTerminal { parts.append(words(forecast)) }
    return parts.joined(separator: ", ")
  }

  private static func words(_ forecast: LiveForecast) -> String {
    let interval =
      forecast.soonest.map { soonest in
        " (\(time(soonest)) to \(forecast.latest.map(time) ?? "never"))"
      } ?? ""
    switch forecast.verdict {
    case .unknown:
      return forecast.remaining.map { "first pass: at least \(time($0)) more" } ?? "no rate yet"
    case .converges:
      return "converges: \(forecast.remaining.map(time) ?? "-") more\(interval)"
    case .doubtful:
      return "may not converge: " + (forecast.remaining.map(time) ?? "never") + interval
    case .doesNotConverge: return "does not converge: dirties faster than it sends"
    }
  }

  private static func size(_ bytes: Double) -> String {
    for (unit, name) in [(0x1p40, "TiB"), (0x1p30, "GiB"), (0x1p20, "MiB"), (0x1p10, "KiB")]
    where bytes >= unit {
      return "\(rounded(bytes / unit)) \(name)"
    }
    return "\(rounded(bytes)) B"
  }

  private static func time(_ seconds: Double) -> String { "\(rounded(seconds)) s" }

  /// Three digits.
  private static func rounded(_ value: Double) -> String {
    value >= 100 ? "\(Int(value.rounded()))" : String(format: value >= 10 ? "%.1f" : "%.2f", value)
  }
}
