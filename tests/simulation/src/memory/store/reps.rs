use counterpart_delivery::ports::{Remap, RepMapping, Reps, SalespersonRow};
use counterpart_domain::{Company, CrmId, Fault, RepKey, TargetName};

use super::MemoryStore;

impl Reps for MemoryStore {
    async fn reps(&self, target: &TargetName, company: &Company) -> Result<Vec<RepMapping>, Fault> {
        let state = self.0.borrow();
        let mapped = state.reps.iter();
        Ok(mapped
            .filter(|((of, rep), _)| of == target && rep.company == *company)
            .map(|(_, mapping)| mapping.clone())
            .collect())
    }

    async fn reps_of_user(
        &self,
        target: &TargetName,
        company: &Company,
        user: &CrmId,
    ) -> Result<Vec<RepKey>, Fault> {
        let mapped = self.reps(target, company).await?.into_iter();
        Ok(mapped
            .filter(|mapping| mapping.user_id == *user)
            .map(|mapping| mapping.rep)
            .collect())
    }

    async fn put_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        user: Option<&RepMapping>,
        token: &str,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (target.clone(), rep.clone());
        match user {
            Some(user) => state.reps.insert(at.clone(), user.clone()),
            None => state.reps.remove(&at),
        };
        let remap = Remap {
            target: target.clone(),
            rep: rep.clone(),
            after: None,
            token: token.to_owned(),
        };
        state.remaps.insert(at, remap);
        Ok(())
    }

    async fn remaps(&self, company: &Company) -> Result<Vec<Remap>, Fault> {
        let state = self.0.borrow();
        let open = state.remaps.values();
        Ok(open
            .filter(|remap| remap.rep.company == *company)
            .cloned()
            .collect())
    }

    async fn keep_remap(&self, remap: &Remap) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (remap.target.clone(), remap.rep.clone());
        if let Some(stored) = state.remaps.get_mut(&at)
            && stored.token == remap.token
        {
            stored.after.clone_from(&remap.after);
        }
        Ok(())
    }

    async fn finish_remap(&self, remap: &Remap) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (remap.target.clone(), remap.rep.clone());
        let stored = state.remaps.get(&at);
        if stored.is_some_and(|stored| stored.token == remap.token) {
            state.remaps.remove(&at);
        }
        Ok(())
    }

    async fn put_salesperson(&self, row: &SalespersonRow) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        state.salespersons.insert(row.rep.clone(), row.clone());
        Ok(())
    }

    async fn salespersons(&self, company: &Company) -> Result<Vec<SalespersonRow>, Fault> {
        let state = self.0.borrow();
        let rows = state.salespersons.values();
        Ok(rows
            .filter(|row| row.rep.company == *company)
            .cloned()
            .collect())
    }
}
