package mssql

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkLoader(b *testing.B) {
	s := newStore(b, smallCatalog())
	l, err := s.Loader(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	at := time.Unix(1e9, 0)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := l.Insert(s.Catalog().Tables[0], []any{i, fmt.Sprint("name ", i), at, nil}); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRead(b *testing.B) {
	s := newStore(b, smallCatalog())
	l, err := s.Loader(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if err := l.Insert(s.Catalog().Tables[0], []any{i, fmt.Sprint("name ", i), time.Unix(1e9, 0), nil}); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	db, _ := open(b, s, Options{})
	b.ReportAllocs()
	b.ResetTimer()
	rows, err := db.Query(allContacts)
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}
