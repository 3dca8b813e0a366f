package journal

import (
	"context"
	"testing"
)

// BenchmarkAck measures acknowledgements a second in groups of 100, each group
// flushed to the disk.
func BenchmarkAck(b *testing.B) {
	j := openTest(b, b.TempDir(), Options{})
	planned(b, j, min(b.N, 100_000))
	b.ResetTimer()
	for i := range b.N {
		j.Ack(sent(i), nil)
	}
	if err := j.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
}

// BenchmarkOpen measures how fast the journal of an earlier run is checked.
func BenchmarkOpen(b *testing.B) {
	const n = 200_000
	dir := b.TempDir()
	j := openTest(b, dir, Options{})
	planned(b, j, n)
	must(b, j.Close())
	b.ResetTimer()
	for range b.N {
		j, err := Open(context.Background(), dir, testKey, Options{})
		must(b, err)
		must(b, j.Close())
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkTotals measures the reading of all objects.
func BenchmarkTotals(b *testing.B) {
	const n = 200_000
	j := openTest(b, b.TempDir(), Options{})
	planned(b, j, n)
	b.ResetTimer()
	for range b.N {
		_, err := j.Totals(context.Background())
		must(b, err)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

func planned(b *testing.B, j *Journal, n int) {
	batch := make([]Object, 0, 1000)
	for i := range n {
		batch = append(batch, object(i))
		if len(batch) == cap(batch) || i == n-1 {
			_, err := j.Plan(context.Background(), batch)
			must(b, err)
			batch = batch[:0]
		}
	}
}
