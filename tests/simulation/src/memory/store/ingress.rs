use counterpart_delivery::ports::{
    Bindings, Channel, Channels, Marks, Nonce, Nonces, Resync, Slot, WriteSlots,
};
use counterpart_domain::{AsOf, Company, Fault, TargetName};
use jiff::Timestamp;

use super::MemoryStore;

impl WriteSlots for MemoryStore {
    async fn acquire_slot(
        &self,
        company: &Company,
        seats: u32,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Slot, Fault> {
        let state = &mut *self.0.borrow_mut();
        let held = state.seats.entry(company.clone()).or_default();
        held.retain(|_, end| *end > now);
        if let Some(end) = held.get_mut(holder) {
            *end = until.max(*end);
            return Ok(Slot::Acquired);
        }
        match held.values().min() {
            Some(free_at) if held.len() >= seats as usize => Ok(Slot::Busy(*free_at)),
            None if seats == 0 => Ok(Slot::Busy(until)),
            _ => {
                held.insert(holder.to_owned(), until);
                Ok(Slot::Acquired)
            }
        }
    }

    async fn release_slot(&self, company: &Company, holder: &str) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        if let Some(held) = state.seats.get_mut(company) {
            held.remove(holder);
        }
        Ok(())
    }
}

impl Nonces for MemoryStore {
    async fn begin_nonce(
        &self,
        nonce: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Nonce, Fault> {
        let state = &mut *self.0.borrow_mut();
        match state.nonces.get(nonce) {
            Some((done, end)) if *end > now => Ok(if *done { Nonce::Done } else { Nonce::Begun }),
            _ => {
                state.nonces.insert(nonce.to_owned(), (false, expires_at));
                Ok(Nonce::New)
            }
        }
    }

    async fn is_begun(&self, nonce: &str, now: Timestamp) -> Result<bool, Fault> {
        let state = self.0.borrow();
        let kept = state.nonces.get(nonce);
        Ok(kept.is_some_and(|(done, end)| !done && *end > now))
    }

    async fn finish_nonce(&self, nonce: &str, expires_at: Timestamp) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        state.nonces.insert(nonce.to_owned(), (true, expires_at));
        Ok(())
    }
}

impl Channels for MemoryStore {
    async fn channels(&self, target: &TargetName) -> Result<Vec<Channel>, Fault> {
        let state = self.0.borrow();
        let all = state.channels.values();
        Ok(all.filter(|one| one.target == *target).cloned().collect())
    }

    async fn put_channel(&self, channel: &Channel) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (channel.target.clone(), channel.module.clone());
        if state.channels.get(&at).map_or(0, |stored| stored.rev) != channel.rev {
            return Ok(false);
        }
        let mut channel = channel.clone();
        channel.rev += 1;
        state.channels.insert(at, channel);
        Ok(true)
    }
}

impl Marks for MemoryStore {
    async fn raise_mark(&self, name: &str, as_of: AsOf) -> Result<bool, Fault> {
        let state = &mut *self.0.borrow_mut();
        let mark = state.marks.entry(name.to_owned()).or_default();
        if *mark > as_of {
            return Ok(false);
        }
        *mark = as_of;
        Ok(true)
    }

    async fn note_resync(&self, resync: &Resync) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (resync.target.clone(), resync.module.clone());
        let mut note = resync.clone();
        note.times = 1;
        if let Some(before) = state.resyncs.get(&at) {
            note.since = note.since.min(before.since);
            note.times = before.times.saturating_add(1);
        }
        state.resyncs.insert(at, note);
        Ok(())
    }

    async fn resyncs(&self, target: &TargetName) -> Result<Vec<Resync>, Fault> {
        let state = self.0.borrow();
        let all = state.resyncs.values();
        Ok(all.filter(|one| one.target == *target).cloned().collect())
    }

    async fn clear_resync(&self, resync: &Resync) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (resync.target.clone(), resync.module.clone());
        let stored = state.resyncs.get(&at);
        if stored.is_some_and(|stored| stored.times == resync.times) {
            state.resyncs.remove(&at);
        }
        Ok(())
    }
}

impl Bindings for MemoryStore {
    async fn binding(&self, company: &Company) -> Result<Option<String>, Fault> {
        Ok(self.0.borrow().bindings.get(company).cloned())
    }

    async fn put_binding(&self, company: &Company, binding: &str) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        state.bindings.insert(company.clone(), binding.to_owned());
        Ok(())
    }
}
