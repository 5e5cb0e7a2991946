import Foundation
import QueueingModels
import TestSupport
import Testing

/// Inverse questions and derivatives, each put back into the question.
@Suite struct DimensioningTests {
  static let root = Tolerance(relative: 1e-11, reason: "a root to the last bits of its logarithm")

  @Test(arguments: Oracle.cases("erlang_b_inverse"))
  func fewestServersMatchTheOracle(_ item: OracleCase) throws {
    let a = item.input("a")
    let servers = try Dimensioning.servers(offeredLoad: a, blocking: item.input("target"))
    #expect(Double(servers) == item.output("c_min"))
    let loss = try ErlangLoss(servers: Double(servers), offeredLoad: a)
    #expect(Tolerance.closedForm.accepts(loss.blocking, item.output("blocking")), "\(item)")
  }

  @Test func inversesMeetTheirTargets() throws {
    let seed: UInt64 = 77
    var random = TestRandom(seed: seed)
    for trial in 0..<60 {
      let servers = Int(random.logUniform(1, 500))
      let blocking = random.logUniform(1e-9, 0.9)
      let load = try Dimensioning.offeredLoad(servers: servers, blocking: blocking)
      let loss = try ErlangLoss(servers: Double(servers), offeredLoad: load)
      // B moves with a by up to c ulps of a.
      #expect(
        abs(loss.logBlocking - log(blocking)) < 1e-10, "seed \(seed), trial \(trial)")
      let mu = random.logUniform(1e-2, 10)
      let wait = random.logUniform(0.01, 10) / mu
      let p = random.uniform(0.5, 0.999)
      let rate = try Dimensioning.arrivalRate(
        servers: servers, serviceRate: mu, wait: wait, percentile: p)
      let queue = try DelayQueue(arrivalRate: rate, serviceRate: mu, servers: servers)
      #expect(Self.root.accepts(try #require(queue.waitTail(wait)), 1 - p), "trial \(trial)")
      let time = try Dimensioning.serviceTime(
        arrivalRate: rate, servers: servers, wait: wait, percentile: p)
      #expect(
        Tolerance(relative: 1e-8, reason: "a root of a root").accepts(time, 1 / mu),
        "seed \(seed), trial \(trial): \(time) for \(1 / mu)")
      let needed = try Dimensioning.servers(
        arrivalRate: rate * 0.999, serviceRate: mu, wait: wait, percentile: p)
      #expect(needed <= servers, "seed \(seed), trial \(trial)")
      if needed > 1 {
        let fewer = try DelayQueue(
          arrivalRate: rate * 0.999, serviceRate: mu, servers: needed - 1)
        #expect((fewer.waitTail(wait) ?? 1) > 1 - p)
      }
    }
  }

  @Test func derivativesAgreeWithDifferences() throws {
    for (c, a) in [(1.0, 0.5), (10, 9), (10, 10), (10, 30), (100, 90), (2.5, 4), (1000, 1005)] {
      let closed = try ErlangSensitivity(servers: c, offeredLoad: a)
      let byLoad = try #require(
        NumericalDerivative(at: a) { load in
          (try? ErlangLoss(servers: c, offeredLoad: load))?.blocking
        })
      let byServers = try #require(
        NumericalDerivative(at: c) { servers in
          (try? ErlangLoss(servers: servers, offeredLoad: a))?.blocking
        })
      let ridders = Tolerance(relative: 1e-7, reason: "Ridders' differences from a tenth of x on")
      #expect(ridders.accepts(closed.blockingByLoad, byLoad.value), "c \(c), a \(a)")
      #expect(ridders.accepts(closed.blockingByServers, byServers.value), "c \(c), a \(a)")
      if a < c, c == c.rounded() {
        let waiting = try #require(
          NumericalDerivative(at: a) { load in
            let queue = try? DelayQueue(arrivalRate: load, serviceRate: 1, servers: Int(c))
            return queue?.isStable ?? false ? queue?.waiting : nil
          })
        #expect(ridders.accepts(try #require(closed.waitingByLoad), waiting.value))
      }
    }
    // 1/(1+a)^2 for one server, where the textbook's form has lost all digits.
    let huge = try ErlangSensitivity(servers: 1, offeredLoad: 1e12)
    #expect(Self.root.accepts(huge.blockingByLoad, 1e-24))
  }

  @Test(arguments: Oracle.cases("interdc_blocking"))
  func groupsBetweenDataCentres(_ item: OracleCase) throws {
    let rate = 1 / item.input("mean_interarrival")
    let size = Int(item.input("M"))
    // The offered loads fix the holding times here; `models verify` derives them from the model.
    let single = item.output("A_par_rigid") / rate
    let link = try InterDatacentre(
      channels: Int(item.input("channels")), groupSize: size, groupRate: rate,
      sequentialTime: single * Double(size), singleTime: single,
      sharedTime: item.output("A_par_shared") / rate)
    let close = Tolerance(
      relative: 1e-12, reason: "15 digits of the load, to the power of up to 20 channels")
    #expect(close.accepts(try link.sequential().blocking, item.output("P_block_seq")))
    #expect(close.accepts(try link.rigid().blocking, item.output("P_block_par_rigid")))
    #expect(
      close.accepts(try #require(try link.shared()).blocking, item.output("P_block_par_shared")))
    #expect(close.accepts(try link.sequential().offeredLoad, item.output("A_seq")))
  }

  @Test func failuresLengthenServices() throws {
    #expect(try ServiceWithFailures.mean(serviceTime: 40, failureProbability: 0.2) == 50)
    let rare = try ServiceWithFailures.mean(serviceTime: 40, linkFailureRate: 1e-12)
    #expect(Tolerance.closedForm.accepts(rare, 40 * (1 + 2e-11)))
    #expect(throws: QueueingError.self) {
      try ServiceWithFailures.mean(serviceTime: 40, failureProbability: 1)
    }
  }
}
