// Package ui holds the widgets that pages are built from: buttons, states,
// tables, fields, notices, menus. A widget is given words, addresses and
// values; it knows nothing of accounts, operators or WeCom. Where a widget says
// something itself or shows a time, its first parameter is a View.
//
// The widgets, one file an area:
//
//	view.go      View{T, Now, Zone}; Text(s) templ.Component
//	icon.go      Icon(name)  SmallIcon(name)  Mark()
//	button.templ Button(Btn)  LinkButton(Btn)  Actions(){children}
//	state.go     State(Tone, text)  StateIcon(Tone, icon, text)  Count(n)  Dot(Tone, text)
//	card.templ   Card(CardModel){children}  Tile(TileModel)  Tiles(){children}  KeyValues([]KV)
//	             Columns(side){children}  Stack(){children}
//	             Feed([]FeedItem)  Fold(FoldModel){children}  QR(label, svg)  Poster(PosterModel)
//	             Empty(EmptyModel)  Skeleton(v, rows)
//	table.templ  Table(caption){thead, tbody}  SortTh(v, SortModel)  Th(label)  NumTh(label)  GapTh(label)
//	             Pager(v, PagerModel)  SelectAll(v)  SelectRow(v, name, value, label)
//	             BulkForm(BulkModel){table, BulkBar}  BulkBar(v){buttons}
//	filter.templ FilterBar(v){chips}  Chip(v, ChipModel)  ChipMenu(v, ChipMenuModel)  SearchBox(v, SearchModel)
//	form.templ   Form(FormModel){children}  FormErrors(v, n)  FieldBox(v, Field){control}  TextInput(v, Field)
//	             TextArea(v, Field)  Select(v, Field, []Option)  Checkbox(v, Field, checked)  Radios(v, Field, []Option)
//	             FormRow(){fields}  FormEnd(){buttons}  PickList(label){Pick...}  Pick(PickModel)
//	             ConfirmName(v, ConfirmModel)  Hidden(pairs)
//	picture.templ FileInput(v, Field, PictureModel)
//	copy.templ   Copy(v, what, text)  CopyBlock(v, what, text)  CopyButton(v, CopyModel)
//	nav.templ    Tabs(label, []Tab)  Breadcrumb(v, []Crumb)  Menu(v, MenuModel)
//	             RowMenu(RowMenuModel) in each row and MenuTemplate(v, id, items) once
//	notice.templ Notice(Tone, title){children}  ErrorCard(v, ErrorModel)  Toast(v, ToastModel)
//	             Dialog(v, DialogModel){children}
//	who.go       Avatar(name, src, AvatarSize)  Who(WhoModel)  Time(v, at)  ExactTime(v, at)  MaybeTime(v, *at)
//	show.templ   Progress(ProgressModel)  Meter(MeterModel)  Parts([]Part)  Diff(v, []Change)
//
// Classes for markup of a page's own: "muted", "mono", "num" (numbers), "sr"
// (read aloud only), "nowrap", "clip" (one line with dots), "cluster" (a row that
// wraps), "stack", "desk-only", "phone-only", "print-only". There are no inline
// styles: the content security policy forbids them.
package ui
