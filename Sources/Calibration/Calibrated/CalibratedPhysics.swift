/// Parts of the physics that can be left out, to see what each is worth.
///
/// `cutover fit --model calibrated --without NAMES` fits the rest; the table of
/// `Reports/calibrated` holds each against the whole on rows held out.
public enum CalibratedPhysics: String, Sendable, CaseIterable, Codable {
  case zeroPages = "zero-pages"
  case saturation
  case classes = "write-classes"
  case earlyRounds = "early-rounds"
  case windows = "pacing-windows"
  case queue = "link-queue"
  case destination = "destination-zero-pages"
  case lastCopy = "uncapped-last-copy"
  case drag = "guest-drag"
  case throttle
  case deltas
  case compression = "compression-cpu"
  case postcopyEnd = "postcopy-end"
  case hidden = "hidden-inputs"
  case chance
  case residuals = "residual-regression"

  /// What is assumed without it, a clause.
  public var assumption: String {
    switch self {
    case .zeroPages: "every page goes in full"
    case .saturation: "every write dirties another page, up to the written set"
    case .classes: "all pages of the written set are written equally often"
    case .earlyRounds: "the bitmap is looked at when a round has been sent, not before"
    case .windows: "a cap is a speed, not a quota of 100 ms"
    case .queue: "nothing is under way between the hypervisor and the link"
    case .destination: "the destination is done with zero pages as they arrive"
    case .lastCopy: "a cap holds for the last copy too"
    case .drag: "a busy guest writes as fast as before"
    case .throttle: "auto-converge does nothing"
    case .deltas: "XBZRLE sends whole pages"
    case .compression: "compressing takes no longer than sending"
    case .postcopyEnd: "a cap holds to the end of post-copy"
    case .hidden: "the written set lies in used memory; rows are read as they stand"
    case .chance: "one course of events, the typical one"
    case .residuals: "no regression of what the physics leaves"
    }
  }
}
