//! What can be done with what a row stands for: its log can be followed, it can be stopped, its key
//! and URL can be copied, its page can be opened.

use super::action::Action;
use super::effects::App;
use super::overlay::{Overlay, RowView};
use super::severity::Severity;
use super::tail::Tail;
use super::terminal_output::TerminalOutput;
use crate::model::{Row, Table};

impl App {
    /// Starts and ends what the open overlay needs: a log is followed while it is open.
    pub(super) fn serve_overlay(&mut self) {
        match &self.state.overlay {
            Overlay::Tail(view) if !self.is_followed(view.table, &view.row.key) => {
                let (table, row) = (view.table, view.row.clone());
                self.follow_log(table, row);
            }
            Overlay::Tail(_) => {}
            _ if self.followed.take().is_some() => self.state.tail.clear(),
            _ => {}
        }
    }

    fn is_followed(&self, table: Table, key: &str) -> bool {
        self.followed.as_ref().is_some_and(|(of, followed)| *of == table && followed == key)
    }

    fn follow_log(&mut self, table: Table, row: Row) {
        self.followed = Some((table, row.key.clone()));
        self.state.tail.clear();
        let source = self.fetcher.source().clone();
        let worker = self.screen.worker("log").exclusive();
        let state = self.ui.focus(|app: &mut Self| &mut app.state);
        self.state.tail.fetch_parts(worker, &state, move |cx, landing| {
            source.follow_log(table, &row, cx, &|lines| {
                Ok(landing.update(cx, move |tail| tail.get_or_insert_with(Tail::default).extend(lines))?)
            })
        });
    }

    /// Copies from the row that is open or selected, or opens its page.
    pub(super) fn act_on_row(&mut self, action: Action) {
        if !matches!(action, Action::CopyKey | Action::CopyUrl | Action::OpenUrl) {
            return;
        }
        let Some((table, row)) = self.state.open_or_selected_row() else {
            return self.inform(format!("No row of {} is selected", self.state.focus));
        };
        let url = row.url(table).map(str::to_owned);
        match (action, url) {
            (Action::CopyKey, _) => {
                let key = row.key.clone();
                self.copy("id", key);
            }
            (_, None) => self.inform(format!("This row of {table} has no URL")),
            (Action::CopyUrl, Some(url)) => self.copy("URL", url),
            (_, Some(url)) => self.open(url),
        }
    }

    fn copy(&mut self, what: &str, text: String) {
        self.inform(format!("Copied the {what} {text}"));
        self.terminal_output.push(TerminalOutput::Copy(text));
    }

    fn open(&mut self, url: String) {
        self.inform(format!("Opening {url}"));
        let (source, ui) = (self.fetcher.source().clone(), self.ui.clone());
        let worker = self.screen.worker("open in the browser").exit_on_error(false);
        worker.thread(move |cx| {
            let opened = source.open_url(&url, cx);
            cx.check()?;
            if let Err(error) = opened {
                let text = format!("Error opening the URL: {error}");
                ui.post(move |app: &mut Self| app.state.toasts.push(Severity::Error, None, text))?;
            }
            Ok(())
        });
    }

    fn inform(&mut self, text: String) {
        self.state.toasts.push(Severity::Information, None, text);
    }

    /// Answers yes to what the open overlay asks. False if it asks nothing.
    pub(super) fn confirm(&mut self) -> bool {
        let Overlay::Stop(_) = &self.state.overlay else { return false };
        if let Overlay::Stop(view) = std::mem::take(&mut self.state.overlay) {
            self.stop(*view);
        }
        true
    }

    fn stop(&mut self, RowView { table, row, .. }: RowView) {
        let (source, ui) = (self.fetcher.source().clone(), self.ui.clone());
        // Not of the screen: it goes on when the profile is changed.
        let worker = self.fetcher.workers().worker(format!("stop {}", row.key)).exit_on_error(false);
        worker.thread(move |cx| {
            let stopped = source.stop(table, &row, cx);
            cx.check()?;
            let (severity, text) = match stopped {
                Ok(()) => (Severity::Information, format!("{} is being stopped", row.key)),
                Err(error) => (Severity::Error, format!("Error stopping {}: {error}", row.key)),
            };
            Ok(ui.post(move |app| {
                app.state.toasts.push(severity, None, text);
                app.fetch(&[table]);
            })?)
        });
    }
}

#[cfg(test)]
mod tests;
