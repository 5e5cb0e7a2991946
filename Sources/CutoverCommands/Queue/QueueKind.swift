import ModelCore
import QueueingModels

/// What is asked about: rates and counts that a sweep may change.
struct QueueParameters {
  var arrivalRate: Double
  var serviceTime: Double {
    didSet { law = law?.scaled(toMean: serviceTime) }
  }
  var servers: Int
  var capacity: Int?
  /// The law of the service time when more than its mean is known; its mean is `serviceTime`
  /// wherever that is changed to.
  private(set) var law: ServiceLaw?

  var serviceRate: Double { 1 / serviceTime }

  init(
    arrivalRate: Double, serviceTime: Double, servers: Int, capacity: Int? = nil,
    law: ServiceLaw? = nil
  ) {
    self.arrivalRate = arrivalRate
    self.serviceTime = serviceTime
    self.servers = servers
    self.capacity = capacity
    self.law = law
  }
}

/// The queues that share arrival, service and server options, and how each is made.
enum QueueKind {
  case loss
  case delay
  case finite
  case infinite
  case finiteSources(Int)
  case singleServer
  case sharedLink
  case general(arrivalVariation: Double, serviceVariation: Double, GeneralServiceQueue.Method)
  case batch(sizes: [Double], partial: Bool)
  case retrial(rate: Double)
  case abandonment(rate: Double)

  var name: String {
    switch self {
    case .loss: LossQueue.kendall
    case .delay: DelayQueue.kendall
    case .finite: FiniteQueue.kendall
    case .infinite: InfiniteServers.kendall
    case .finiteSources: FiniteSourceQueue.kendall
    case .singleServer: SingleServerQueue.kendall
    case .sharedLink: SharedLinkQueue.kendall
    case .general: GeneralServiceQueue.kendall
    case .batch: BatchArrivalQueue.kendall
    case .retrial: RetrialQueue.kendall
    case .abandonment: AbandonmentQueue.kendall
    }
  }

  /// Whether anyone can be refused, so that `--target-blocking` has a meaning.
  func refuses(_ p: QueueParameters) -> Bool {
    switch self {
    case .loss, .finite, .finiteSources: true
    case .sharedLink, .batch: p.capacity != nil
    default: false
    }
  }

  func queue(_ p: QueueParameters) throws(QueueingError) -> any QueueModel {
    switch self {
    case .loss:
      return try LossQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers)
    case .delay:
      return try DelayQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers)
    case .finite:
      return try FiniteQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers,
        capacity: p.capacity ?? p.servers)
    case .infinite:
      return try InfiniteServers(arrivalRate: p.arrivalRate, serviceRate: p.serviceRate)
    case .finiteSources(let count):
      return try FiniteSourceQueue(
        sources: count, requestRate: p.arrivalRate, serviceRate: p.serviceRate,
        servers: p.servers, capacity: p.capacity)
    case .singleServer:
      return try SingleServerQueue(
        arrivalRate: p.arrivalRate, service: p.law ?? .exponential(mean: p.serviceTime))
    case .sharedLink:
      return try SharedLinkQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, limit: p.capacity)
    case .general(let arrival, let service, let method):
      return try GeneralServiceQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers,
        arrivalVariation: arrival, serviceVariation: service, method: method,
        service: p.law.flatMap { $0.squaredVariation == service ? $0 : nil })
    case .batch(let sizes, let partial):
      return try BatchArrivalQueue(
        groupRate: p.arrivalRate, sizes: sizes, serviceRate: p.serviceRate, servers: p.servers,
        capacity: p.capacity, wholeGroups: !partial)
    case .retrial(let rate):
      return try RetrialQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers,
        retryRate: rate)
    case .abandonment(let rate):
      return try AbandonmentQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers,
        abandonmentRate: rate)
    }
  }

  /// The same queue for the simulator.
  func simulated(_ p: QueueParameters) throws(QueueingError) -> SimulatedQueue {
    let law = p.law ?? .exponential(mean: p.serviceTime)
    let arrivals = SimulatedQueue.Arrivals.renewal(.exponential(mean: 1 / p.arrivalRate))
    switch self {
    case .loss:
      return try SimulatedQueue(
        arrivals: arrivals, service: law, servers: p.servers, capacity: p.servers)
    case .delay, .finite:
      return try SimulatedQueue(
        arrivals: arrivals, service: law, servers: p.servers, capacity: p.capacity)
    case .infinite:
      throw .noSolution("M/M/infinity has no queue to simulate; its numbers are exact")
    case .finiteSources(let count):
      return try SimulatedQueue(
        arrivals: .sources(count: count, requestRate: p.arrivalRate), service: law,
        servers: p.servers, capacity: p.capacity ?? p.servers)
    case .singleServer:
      return try SimulatedQueue(arrivals: arrivals, service: law, servers: 1)
    case .sharedLink:
      var queue = try SimulatedQueue(
        arrivals: arrivals, service: law, servers: 1, capacity: p.capacity)
      queue.discipline = .processorSharing
      return queue
    case .general(let arrival, let service, _):
      let moments = try ServiceLaw.fitted(mean: p.serviceTime, squaredVariation: service)
      let gaps = try ServiceLaw.fitted(mean: 1 / p.arrivalRate, squaredVariation: arrival)
      return try SimulatedQueue(
        arrivals: .renewal(gaps), service: p.law ?? moments, servers: p.servers)
    case .batch(let sizes, let partial):
      var queue = try SimulatedQueue(
        arrivals: arrivals, service: law, servers: p.servers, capacity: p.capacity)
      queue.groupSizes = sizes
      queue.wholeGroups = !partial
      return queue
    case .retrial(let rate):
      var queue = try SimulatedQueue(
        arrivals: arrivals, service: law, servers: p.servers, capacity: p.servers)
      queue.retry = .exponential(mean: 1 / rate)
      return queue
    case .abandonment(let rate):
      var queue = try SimulatedQueue(arrivals: arrivals, service: law, servers: p.servers)
      queue.patience = .exponential(mean: 1 / rate)
      return queue
    }
  }
}
