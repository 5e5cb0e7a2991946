import Quantities
import Testing

@Suite struct ConversionsTests {
  let memory = Bytes(siValue: 8_000_000_000)
  let bandwidth = ByteRate(siValue: 125_000_000)
  let page = Bytes(siValue: 4096)

  @Test func dataTimeAndRate() {
    let time: Seconds = memory / bandwidth
    #expect(time.siValue == 64)
    #expect(bandwidth * time == memory && time * bandwidth == memory)
    #expect(memory / time == bandwidth)
  }

  @Test func pages() {
    let rate = PageRate(siValue: 30000)
    #expect((rate * page).siValue == 122_880_000)
    #expect(rate * page / page == rate)
    #expect((PageCount(siValue: 3) * page).siValue == 12288)
    #expect((PageCount(siValue: 60000) / rate).siValue == 2)
    #expect(PageCount(siValue: 60000) / Seconds(siValue: 2) == rate)
    #expect((rate * Seconds(siValue: 2)).siValue == 60000)
    #expect((Seconds(siValue: 2) * rate).siValue == 60000)
    #expect(PageCount(covering: Bytes(siValue: 4097), pageSize: page).siValue == 2)
    #expect(PageCount(covering: Bytes(siValue: 8192), pageSize: page).siValue == 2)
  }

  @Test func ratios() {
    #expect((ByteRate(siValue: 50) / ByteRate(siValue: 200)).siValue == 0.25)
    #expect(Ratio(0.25) * memory == Bytes(siValue: 2_000_000_000))
    #expect((Ratio(0.5) * Ratio(0.5)).siValue == 0.25)
    #expect((Frequency(siValue: 0.5) * Seconds(siValue: 8)).siValue == 4)
    #expect((Seconds(siValue: 8) * Frequency(siValue: 0.5)).siValue == 4)
    #expect(Frequency(period: Seconds(siValue: 4)).siValue == 0.25)
    #expect(Frequency(siValue: 0.25).period.siValue == 4)
  }

  @Test func sameKind() {
    #expect(memory + page - page == memory)
    #expect(page < memory && Bytes.zero.siValue == 0)
    #expect(2 * page == page * 2 && (page / 2).siValue == 2048)
    var sum = page
    sum += page
    sum -= Bytes(siValue: 96)
    #expect(sum.siValue == 8096)
  }
}
