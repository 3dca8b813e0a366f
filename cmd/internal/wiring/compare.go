package wiring

import (
	"context"

	"omt/migration"
)

// Compare holds the last uploaded test migration of this computer's journal
// against the installation of today. The journal is opened if it is not yet.
func (s *Session) Compare(ctx context.Context) (*migration.Comparison, error) {
	if s.Source == nil || s.Principal.UserName == "" {
		return nil, ErrNotConnected
	}
	if s.Journal == nil {
		if err := s.openRecords(ctx); err != nil {
			return nil, err
		}
	}
	return migration.Compare(ctx, s.Journal, s.Source)
}
