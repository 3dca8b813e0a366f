package migration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/azure"
	"omt/upload/bacpac"
)

// drillEnv makes the test binary a process that migrates and is killed.
const drillEnv = "OMT_DRILL_CHILD"

// drill tells a process of the drill what to do and where to die.
type drill struct {
	State   string // folder of the journal
	Address string // of the container
	Point   string // fail point of the journal; empty: nowhere
	Count   int    // the how manyth call of it
}

// The drill is large enough that every kind of write to the journal comes many
// times, and each write is one commit of its own.
const (
	drillDocuments = 300
	drillParts     = 40
)

func drillSource() *fakeSource { return newFakeSource(5, 160, drillDocuments) }

// drillChild is the process: 0 when all is uploaded, 3 when it failed in another
// way than by its death.
func drillChild(spec string) int {
	var d drill
	err := json.Unmarshal([]byte(spec), &d)
	if err == nil {
		_, err = d.run(worldPlan(drillSource()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	return 0
}

// run migrates in this process and counts the calls of each fail point.
func (d drill) run(plan *migration.Plan) (calls map[string]int, err error) {
	ctx := context.Background()
	calls = map[string]int{}
	j, err := journal.Open(ctx, d.State, testKey, journal.Options{GroupSize: 1, AuditFrom: 1, FailPoint: func(point string) error {
		calls[point]++ // called by one goroutine at a time
		if point == d.Point && calls[point] == d.Count {
			return dieNow()
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	target, err := azure.Open(d.Address, azure.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if begin, _, err := migration.Detect(ctx, j); err == nil && begin != migration.BeginInitial {
		plan = nil
	}
	m := &migration.Migration{
		Ticket: worldTicket(), Source: drillSource(), Target: target, Packager: bacpac.New(), Journal: j, Mode: migration.ModeTest, Plan: plan,
		Principal: migration.Principal{AssociateID: 1, UserName: "ADM", FullName: "Hanna Berg", Proved: true, Via: "rest"},
		Tool:      "omt test", Host: "here", Now: time.Now, Progress: migration.NewProgress(time.Now), Log: noLog{}, Wait: realWait,
		Limits: migration.Limits{Readers: 2, Senders: 4, PartSize: 1 << 10}, Checks: passed(),
	}
	_, err = m.Run(ctx)
	return calls, err
}

// dieNow ends the process as kill -9 does: nothing deferred, nothing flushed.
func dieNow() error {
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil {
		return err
	}
	select {}
}
