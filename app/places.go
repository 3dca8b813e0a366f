package app

// views makes the page of each place. A page is made once, when it is first
// visited, and lives as long as its window.
var views = map[place]func(host) view{
	placeWelcome:       newWelcomeView,
	placeLogin:         newLoginView,
	placeConfirm:       newConfirmView,
	placeChecklist:     newChecklistView,
	placeChecks:        newChecksView,
	placeNotifications: newNotificationsView,
	placeMailboxes:     newMailboxesView,
	placeUpload:        newUploadView,
	placeComplete:      newCompleteView,
	placeRecovery:      newRecoveryView,
}
