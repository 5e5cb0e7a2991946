import Quantities

/// One thing the advice rests on, and how firm that is.
public struct AdviceClaim: Sendable, Equatable {
  public enum Origin: String, Sendable, CaseIterable {
    /// The user said so.
    case given
    /// Learned from a site's migrations.
    case fitted
    /// Follows from the others.
    case formula
    /// A setting or a constant that someone else stands for.
    case byDefault = "default"
    /// Nobody knows; a range was tried.
    case assumed
  }

  public let subject: String
  public let origin: Origin
  public let words: String
}

extension Adviser {
  /// Where every number comes from, line by line.
  var basis: [AdviceClaim] { facts + limits + channel + physics }

  private func short(_ quantity: some Quantity) -> String {
    quantity.formatted(significantDigits: 3)
  }

  private func claim(
    _ subject: String, _ origin: AdviceClaim.Origin, _ words: String
  ) -> AdviceClaim {
    AdviceClaim(subject: subject, origin: origin, words: words)
  }

  private var facts: [AdviceClaim] {
    var claims = [
      question.used.map { claim("memory to send", .given, "\($0) used of \(question.memory)") }
        ?? claim(
          "memory to send", .assumed, "all of \(question.memory): no zero pages (--used says less)")
    ]
    if let rate = question.dirtyRate {
      let window = question.rateWindow
      claims.append(
        claim(
          "dirty rate", .given,
          "\(rate), so \(short(rate * window)) of distinct pages in \(window)"))
      if question.dirtyRateWindow == nil {
        claims.append(
          claim("its window", .byDefault, "1s, QEMU's (--dirty-rate-window says otherwise)"))
      }
    } else {
      claims.append(
        claim(
          "dirty rate", .assumed,
          "unknown: from \(short(ByteRate(siValue: PossibleGuest.assumedRates.least))) to "
            + "\(short(ByteRate(siValue: PossibleGuest.assumedRates.most))), evenly on the "
            + "logarithmic scale"))
    }
    if let set = question.workingSet {
      claims.append(claim("working set", .given, "\(set)"))
    } else {
      let least = question.dirtyRate.map { short($0 * question.rateWindow) }
      claims.append(
        claim(
          "working set", .assumed,
          "unknown: from " + (least.map { "those \($0)" } ?? "one window's pages")
            + ", written again and again, to all used memory, evenly on the "
            + "logarithmic scale; and a sweep through all of it"))
    }
    return claims
  }

  private var limits: [AdviceClaim] {
    var claims = [
      question.downtime.map { claim("downtime limit", .given, "\($0)") }
        ?? claim("downtime limit", .byDefault, "300ms, QEMU's")
    ]
    if let limit = question.timeLimit {
      claims.append(claim("time limit", .given, "\(limit)"))
    } else {
      claims.append(claim("time limit", .given, "none: as long as it ends"))
    }
    return claims
  }

  private var channel: [AdviceClaim] {
    let speeds = speeds
    let link = question.link * speeds.linkEfficiency
    var claims = [
      model == nil
        ? claim(
          "link", .formula,
          "\(short(link)) of \(question.link): 1448 of the 1538 bytes of an Ethernet frame")
        : claim("link", .fitted, "\(short(link)) of \(question.link)")
    ]
    if let cap = question.bandwidthCap { claims.append(claim("cap", .given, "\(cap)")) }
    let pause = Seconds(siValue: speeds.fixedPause)
    claims.append(
      question.resumeTime.map { claim("fixed part of the pause", .given, "\($0)") }
        ?? claim(
          "fixed part of the pause", model == nil ? .byDefault : .fitted,
          "\(short(pause)) to stop, move devices and resume (--resume-time says otherwise)"))
    let page = question.effectivePageSize
    let stream = ByteRate(siValue: speeds.stream(page: page))
    claims.append(
      claim(
        "one migration thread", model == nil ? .byDefault : .fitted,
        "sends \(short(stream)) at most"))
    return claims
  }

  private var physics: [AdviceClaim] {
    guard let model else {
      return [
        claim(
          "rounds", .formula,
          "QEMU's, synchronised early; nine of ten real pre-copies took at most 1.16 times as "
            + "long, and a yes leaves room for 1.2"),
        claim(
          "auto-converge", .formula,
          "QEMU's schedule of 20 % + 10 %; a guest writes as fast as its CPU lets it"),
        claim(
          "deltas and compression", .assumed,
          "a page shrinks to 10, 40 or 100 %; encoders at the speed of current cores"),
        claim(
          "post-copy", .formula,
          "faults of writes alone, 0.57 ms each (postcopy-preempt); reads come on top"),
        claim(
          "fit", .byDefault, "none: --fit FILE takes the speeds of your own migrations"),
      ]
    }
    return [
      claim(
        "times, pause and traffic", .fitted,
        "the site's model, \(model.trainingRows) migrations; odds from those held out"),
      claim(
        "guest slowdown", .formula, "QEMU's throttle and faults of writes, with fitted speeds"),
      claim(
        "techniques in the fit", .fitted,
        AdviceTechnique.allCases.filter { model.hasSeen(technique: $0.rawValue) }
          .map(\.rawValue).joined(separator: ", ")
          + "; of others what is their own is at the priors"),
      claim(
        "deltas and compression", .assumed, "a page shrinks to 10, 40 or 100 %"),
    ]
  }
}
